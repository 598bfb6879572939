import Foundation
import Glibc
import TestSupport
import Testing

/// Where secrets and cells must not be: everywhere but in the ledger, the spool, the error report, and the credentials.
@Suite(.timeLimit(.minutes(5)))
struct SecretTests {
    private static let password = "Canary-password-5521"
    private static let passphrase = "Canary-passphrase-7301"
    private static let cell = "Canary-cell-9040"

    /// A drop whose key is encrypted and whose relay wants a password.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        let folder = drop.folder
        let key = folder.path("etc/credentials/acme/drop-key")
        try await runTool(["/usr/bin/ssh-keygen", "-q", "-p", "-N", Self.passphrase, "-P", "", "-f", key])
        try folder.write(Self.passphrase, to: "etc/credentials/acme/opens-it", mode: 0o600)
        try folder.write(Self.password, to: "etc/credentials/acme/relay", mode: 0o600)
        return drop
    }

    private func settings(_ smtp: SMTPServer, _ drop: EndToEndDrop) -> DropSettings {
        DropSettings(
            inbox: ["passphrase: opens-it"],
            more: [
                "mail: { smtp: \"\(smtp.url)\", user: relay, password: relay, ca_file: \(smtp.certificate) }",
                "metrics: { textfile: \(drop.folder.path("state/metrics.prom")) }",
            ]
        )
    }

    /// Every file below a folder but those named, with its bytes.
    private func files(below folder: String, but left: Set<String> = []) throws -> [(String, Data)] {
        let found = FileManager.default.enumerator(atPath: folder)
        var files: [(String, Data)] = []
        while let path = found?.nextObject() as? String {
            guard !left.contains(String(path.split(separator: "/").first ?? "")) else { continue }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder),
                !isFolder.boolValue, let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)")
            else { continue }
            files.append((path, bytes))
        }
        return files
    }

    private func expectNone(_ canaries: [String], in files: [(String, Data)]) {
        for (name, bytes) in files {
            for canary in canaries where bytes.range(of: Data(canary.utf8)) != nil {
                Issue.record("\(canary) stands in \(name)")
            }
        }
    }

    @Test func `no secret is written anywhere, and no cell but where it belongs`() async throws {
        let drop = try await drop()
        let smtp = try await SMTPServer(.startTLS(), folder: URL(filePath: drop.folder.path("smtp")))
        try drop.configure(settings(smtp, drop))
        try await drop.put(
            .customers("C1,\(Self.cell)-a,1.00,USD", "C2,Acme,\(Self.cell)-b,USD"),
            .invoices(invoice("I1", ["due_date": "\(Self.cell)-c"]), invoice("I2"))
        )
        let daemon = try drop.launch("run", "--verbose")
        try await poll("the daemon") {
            try #require(daemon.isRunning)
            return drop.folder.contains("state/status.log") ? true : nil
        }
        let result = try await drop.run("poll")
        #expect(result.status == 65)
        // The relay refuses this password; it stays queued, and that is told.
        try await poll("an attempt to log in") { try smtp.logins().isEmpty ? nil : true }
        let process = "/proc/\(daemon.processID)"
        // Its environment is hidden from other processes of its user.
        let shown = geteuid() == 0 ? ["cmdline", "environ"] : ["cmdline"]
        let seen = try shown.map { name in
            ("\(process)/\(name)", Data(try TemporaryFolder.read("\(process)/\(name)")))
        }
        #expect(seen.allSatisfy { !$0.1.isEmpty })
        for verb in ["status", "files", "log"] { #expect(try await drop.run(verb).status == 0) }
        #expect(try await drop.run("explain", "open_invoices.csv").status == 0)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)

        let key = try drop.folder.text("etc/credentials/acme/drop-key").split(separator: "\n")
        let secrets = [Self.password, Self.passphrase, String(key[key.count / 2])]
        let state = try files(below: drop.folder.path("state"))
        let names = Set(state.map { $0.0 })
        #expect(names.isSuperset(of: ["ledger.sqlite", "status.log", "metrics.prom"]))
        let said = try files(below: drop.folder.path("tmp"))
        let taken = try files(below: drop.server.root)
        // A secret is nowhere at all; a cell also not in what people and other programs are told.
        expectNone(secrets, in: state + said + seen + taken)
        expectNone(secrets, in: try smtp.mails().map { ("a mail", $0.content) })
        let told = state.filter { !$0.0.hasPrefix("ledger.sqlite") && !$0.0.hasPrefix("spool/") }
        expectNone([Self.cell], in: told + said + seen)
        let spoken = "(SELECT detail AS said FROM events UNION ALL SELECT subject || body FROM mail)"
        try drop.expect("SELECT count(*) > 0 FROM \(spoken)", gives: ["1"])
        try drop.expect("SELECT said FROM \(spoken) WHERE said LIKE '%Canary%'", gives: [])
        // The sender's own cells go back to the sender, to be mended.
        #expect(try drop.report("open_invoices").contains(Self.cell))
    }

    @Test func `no core file holds the daemon's memory`() async throws {
        let drop = try await drop()
        let smtp = try await SMTPServer(.startTLS(), folder: URL(filePath: drop.folder.path("smtp")))
        try drop.configure(settings(smtp, drop))
        try drop.folder.makeFolder("cores")
        // Under a limit that allows core files, in a folder where one could be written.
        let script = "ulimit -c unlimited; cd \"$1\" && shift && exec \"$@\""
        let daemon = try ChildProcess(
            [
                "/bin/sh", "-c", script, "sh", drop.folder.path("cores"), try Program.path(), "run",
                "--config",
                drop.configuration,
            ],
            errors: drop.folder.path("tmp/run.err"),
            // As where it is installed: there is no toolchain whose backtracer would take the signal.
            environment: ["SWIFT_BACKTRACE": "enable=no"]
        )
        try await poll("the daemon") {
            try #require(daemon.isRunning)
            return drop.folder.contains("state/status.log") ? true : nil
        }
        let limits = try drop.folder.readText(of: "/proc/\(daemon.processID)/limits")
        let limit = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(limit.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        daemon.signal(SIGABRT)
        #expect(try await daemon.wait() == 128 + Int(SIGABRT))
        #expect(try drop.folder.names(in: "cores") == [])
    }
}

extension TemporaryFolder {
    fileprivate func readText(of path: String) throws -> String {
        String(decoding: try TemporaryFolder.read(path), as: UTF8.self)
    }
}
