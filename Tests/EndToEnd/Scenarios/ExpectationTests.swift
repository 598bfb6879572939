import TestSupport
import Testing

/// Files that are expected and do not come.
@Suite(.timeLimit(.minutes(5)))
struct ExpectationTests {
    @Test func `a type that is silent is missing once, in status, mail and metrics, until it comes again`()
        async throws
    {
        var settings = DropSettings()
        let drop = try await EndToEndDrop.start(settings)
        settings.more = [
            "expect: { customers_with_open_balances: { every: 26h } }",
            "metrics: { textfile: \(drop.folder.path("acme.prom")) }",
        ]
        try drop.configure(settings)
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        #expect(try await drop.run("status").output.contains("fresh"))
        #expect(try drop.log("arrival.missing").isEmpty)

        // As if that file had come two days ago.
        try drop.write("UPDATE file SET settled_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-2 days')")
        try drop.write(
            "UPDATE arrival SET last_loaded_at = (SELECT settled_at FROM file), counts_from = last_loaded_at"
        )
        let status = try await drop.run("status").output
        #expect(status.contains("  missing  customers_with_open_balances  expected every 26 h; was due "))
        #expect(status.contains("not fresh: missing: customers_with_open_balances"))
        #expect(try drop.log("arrival.missing").isEmpty, "status only looks")
        try await drop.poll()
        try await drop.poll()
        #expect(try drop.log("arrival.missing").count == 1)
        #expect(try drop.mailKinds() == ["incident"])
        let metrics = try drop.folder.text("acme.prom")
        let family = "ledgerdrop_arrival_state{drop=\"acme\",type=\"customers_with_open_balances\""
        #expect(metrics.contains("\(family),state=\"missing\"} 1\n"))
        #expect(metrics.contains("\(family),state=\"fresh\"} 0\n"))

        // A file that is refused does not count, and status says so.
        try await drop.put(DroppedFile("", in: "customers_with_open_balances/pending", name: "empty.csv"))
        try await drop.poll(65)
        #expect(try drop.log("arrival.recovered").isEmpty)
        #expect(try await drop.run("status").output.contains("failed"))

        try await drop.put(.customers("C1,Acme,2.00,USD", name: "next.csv"))
        try await drop.poll()
        #expect(try drop.log("arrival.recovered").count == 1)
        #expect(try drop.mailKinds().contains("recovery"))
        let json = try await drop.run("status", "--format", "json").output
        #expect(json.contains("\"arrivals\":[{\"type\":\"customers_with_open_balances\",\"state\":\"fresh\""))
        try drop.expectInvariants()
    }
}
