import TestSupport
import Testing

/// Our world is wrong: the server, its key, the configuration.
@Suite(.timeLimit(.minutes(5)))
struct RefusalTests {
    private static let customers = DroppedFile.customers("C1,Acme,1.00,USD")

    @Test func `a changed host key is refused before a login, and told once`() async throws {
        var options = OpenSSHServer.Options()
        options.logLevel = "DEBUG1"
        let drop = try await EndToEndDrop.start(server: options)
        try await drop.put(Self.customers)
        try await drop.poll()
        #expect(drop.server.log.contains("userauth-request"))

        drop.server.stop()
        let key = drop.server.folder.path("hostkey_ed25519")
        try await runTool(["/bin/rm", "-f", key, "\(key).pub"])
        try await runTool(["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
        try await drop.server.restart()
        for _ in 0..<2 {
            try await drop.poll(77)
            try drop.expect(
                "SELECT state, reason FROM runs ORDER BY run_id DESC LIMIT 1",
                gives: ["failed|hostkey_mismatch"]
            )
        }
        #expect(drop.server.log.contains("Connection from"))
        #expect(!drop.server.log.contains("userauth-request"))
        #expect(try drop.mailKinds() == ["incident"])
        #expect(try drop.mails().last?.subject.contains("host key") == true)
        #expect(try drop.log("hostkey.mismatch").count >= 1)
        try drop.expectInvariants()
    }

    @Test func `an unreachable server ends the run, is told once, and its return too`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["retry_for: 0s"]))
        try await drop.put(Self.customers)
        drop.server.stop()
        for _ in 0..<2 {
            try await drop.poll(69)
            try drop.expect(
                "SELECT state, reason FROM runs ORDER BY run_id DESC LIMIT 1",
                gives: ["failed|unreachable"]
            )
        }
        #expect(try drop.mailKinds() == ["incident"])
        try await drop.server.restart()
        try await drop.poll()
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        #expect(try drop.mailKinds() == ["incident", "recovery"])
        try drop.expectInvariants()
    }

    @Test func `a refused login ends the run and is told once`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.customers)
        let key = drop.folder.path("stranger")
        try await runTool(["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
        try drop.folder.write(drop.folder.read("stranger"), to: "etc/credentials/acme/drop-key", mode: 0o600)
        for _ in 0..<2 { try await drop.poll(77) }
        try drop.expect("SELECT DISTINCT reason FROM runs", gives: ["auth_refused"])
        #expect(try drop.mailKinds() == ["incident"])
        try drop.expectInvariants()
    }

    @Test func `a wrong configuration is refused with every problem and its place`() async throws {
        let drop = try await EndToEndDrop.start()
        let yaml = """
            name: acme
            state_directory: \(drop.folder.path("state"))
            colour: blue
            inbox:
              url: \(drop.server.url)
              layout: heaps
            schedule: { quiet_period: 11m }
            loading:
              guard: { share: lots }
            """
        try drop.folder.write(yaml, to: "etc/acme.yaml", mode: 0o600)
        for verb in [["poll"], ["run"], ["config", "check"], ["status"]] {
            let result = try await verb.count == 1 ? drop.run(verb[0]) : drop.run(verb[0], verb[1])
            #expect(result.status == 78, "\(verb)")
            let told = result.output + result.errors
            for place in ["3:1:", "6:11:", "7:27:", "9:19:"] {
                #expect(told.contains("acme.yaml:\(place)"), "\(verb): \(told)")
            }
        }
        #expect(!drop.folder.contains("state"))
    }

    @Test func `a drop without a pin does not start, and does once the key is accepted`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(pins: []))
        try await drop.put(Self.customers)
        try await drop.poll(78)
        let scan = try await drop.run("hostkey", "scan")
        #expect(scan.status == 0, "\(scan.errors)")
        #expect(scan.output.contains(drop.server.hostKeyPin))
        let accepted = try await drop.run("hostkey", "accept", drop.server.hostKeyPin)
        #expect(accepted.status == 0, "\(accepted.errors)")
        try await drop.poll()
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        #expect(try drop.log("hostkey.accepted").count == 1)
        try drop.expectInvariants()
    }
}
