import Foundation
import Glibc
import TestSupport
import Testing

/// `doctor` against real servers, each with one thing wrong.
@Suite(.timeLimit(.minutes(5)))
struct DoctorTests {
    private struct Step: Decodable, Equatable {
        var step: String
        var outcome: String
        var found: String
        var remedy: String?
    }

    private struct Findings: Decodable {
        var exit: Int
        var steps: [Step]

        subscript(_ name: String) -> Step? { steps.first { $0.step == name } }
    }

    private func examine(
        _ drop: EndToEndDrop,
        _ arguments: String...,
        exit: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Findings {
        let command = ["doctor", "--format", "json"] + arguments
        let result = try await drop.run(command)
        let findings = try JSONDecoder().decode(Findings.self, from: Data(result.output.utf8))
        #expect(result.status == exit, "\(result.output)", sourceLocation: sourceLocation)
        #expect(findings.exit == exit, sourceLocation: sourceLocation)
        return findings
    }

    private static let wire = [
        "directories", "stat_precision", "write_probe", "clock",
    ]

    @Test func `a healthy drop is well, with and without a daemon, and nothing is changed`() async throws {
        let drop = try await EndToEndDrop.start()
        let smtp = try await SMTPServer(.startTLS(), folder: URL(filePath: drop.folder.path("smtp")))
        try drop.folder.write(SMTPServer.password, to: "etc/credentials/acme/relay", mode: 0o600)
        var settings = DropSettings()
        settings.more = [
            "mail: { smtp: \"\(smtp.url)\", user: \(SMTPServer.user), password: relay, ca_file: \(smtp.certificate) }",
            "metrics: { textfile: \(drop.folder.path("acme.prom")) }",
            // Whatever disk the tests run on.
            "limits: { free_bytes: 1 }",
        ]
        try drop.configure(settings)
        let first = try await examine(drop)
        #expect(first["ledger"]?.found.contains("none yet") == true)
        #expect(!drop.folder.contains("state"), "it makes nothing")

        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        let daemon = try drop.launch("run")
        try await TestSupport.poll("the lock") {
            (try? drop.log("daemon.started"))?.isEmpty == false ? true : nil
        }
        let events = try drop.query("SELECT count(*) FROM events WHERE event <> 'daemon.started'")
        let listing = try drop.listing("customers_with_open_balances/pending")
        let second = try await examine(drop)
        for step in second.steps where step.step != "write_probe" && step.step != "watchdog" {
            #expect(step.outcome == "ok", "\(step)")
            #expect(step.remedy == nil)
        }
        #expect(second["lock"]?.found.contains("(run)") == true)
        #expect(second["algorithms"]?.found.contains("OpenSSH") == true)
        #expect(second["mail"]?.found.contains("nothing was sent") == true)
        #expect(try smtp.mails().isEmpty)
        #expect(try smtp.logins().count == 2)
        let after = try drop.query("SELECT count(*) FROM events WHERE event <> 'daemon.started'")
        #expect(events == after)

        let probed = try await examine(drop, "--probe-write")
        #expect(probed["write_probe"]?.outcome == "ok")
        #expect(try drop.listing("customers_with_open_balances/pending") == listing)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try await drop.run("doctor").output.contains("ok       ledger"))
    }

    @Test func `a port where nobody answers`() async throws {
        let drop = try await EndToEndDrop.start()
        try drop.configure(DropSettings(port: try freePort()))
        let findings = try await examine(drop, exit: 69)
        #expect(findings["dns"]?.outcome == "ok")
        #expect(findings["tcp"]?.outcome == "failed")
        #expect(findings["tcp"]?.remedy?.contains("inbox.url") == true)
        for name in ["algorithms", "host_key", "authentication", "sftp"] + Self.wire {
            #expect(findings[name]?.outcome == "skipped")
            #expect(findings[name]?.found == "tcp failed")
        }
    }

    @Test func `a server with another key is sent no credential`() async throws {
        var options = OpenSSHServer.Options()
        options.logLevel = "DEBUG1"
        let drop = try await EndToEndDrop.start(server: options)
        let other = "ssh-ed25519 SHA256:" + String(repeating: "A", count: 43)
        try drop.configure(DropSettings(pins: [other]))
        let findings = try await examine(drop, exit: 77)
        #expect(findings["host_key"]?.outcome == "failed")
        #expect(findings["host_key"]?.found.contains(drop.server.hostKeyPin) == true)
        #expect(findings["host_key"]?.remedy?.contains("hostkey") == true)
        #expect(findings["authentication"]?.outcome == "skipped")
        #expect(!drop.server.log.contains("userauth-request"))
        try drop.configure(DropSettings(pins: []))
        let unpinned = try await examine(drop, exit: 78)
        #expect(unpinned["host_key"]?.found == "no host key is pinned")
        #expect(!drop.server.log.contains("userauth-request"))
    }

    @Test func `no common algorithm shows what both offer and what would help`() async throws {
        var options = OpenSSHServer.Options()
        options.configuration = ["KexAlgorithms ecdh-sha2-nistp256"]
        let drop = try await EndToEndDrop.start(server: options)
        let findings = try await examine(drop, exit: 76)
        let step = try #require(findings["algorithms"])
        #expect(step.outcome == "failed")
        #expect(step.found.contains("no key exchange in common"))
        #expect(step.found.contains("we offer curve25519-sha256"))
        #expect(step.found.contains("the server offers ecdh-sha2-nistp256"))
        #expect(step.remedy?.contains("extra_algorithms: [ ecdh-sha2-nistp256 ]") == true)
        try drop.configure(DropSettings(inbox: ["extra_algorithms: [ ecdh-sha2-nistp256 ]"]))
        _ = try await examine(drop)
    }

    @Test func `an inbox that is not there, and one without rights`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        let yaml = try drop.folder.text("etc/acme.yaml")
        let elsewhere = yaml.replacing(drop.server.root, with: "\(drop.server.root)/nowhere")
        try drop.folder.write(elsewhere, to: "etc/acme.yaml", mode: 0o600)
        let findings = try await examine(drop, exit: 69)
        #expect(findings["sftp"]?.outcome == "ok")
        #expect(findings["directories"]?.outcome == "failed")
        #expect(findings["directories"]?.found.contains("not on the server") == true)
        #expect(findings["clock"]?.outcome == "skipped")
    }

    @Test func `a key that others may read, and one that the server does not know`() async throws {
        let drop = try await EndToEndDrop.start()
        let key = drop.folder.path("etc/credentials/acme/drop-key")
        #expect(chmod(key, 0o644) == 0)
        let readable = try await examine(drop, exit: 78)
        #expect(readable["credentials"]?.outcome == "failed")
        #expect(readable["credentials"]?.remedy == "chmod 600 \(key)")
        #expect(readable["host_key"]?.outcome == "ok")
        #expect(readable["authentication"]?.outcome == "skipped")
        // As good a key as ours, but the server's own.
        let host = try TemporaryFolder.read(drop.server.folder.path("hostkey_ed25519"))
        try drop.folder.write(host, to: "etc/credentials/acme/drop-key", mode: 0o600)
        #expect(chmod(key, 0o600) == 0)
        let unknown = try await examine(drop, exit: 77)
        #expect(unknown["authentication"]?.outcome == "failed")
        #expect(unknown["sftp"]?.outcome == "skipped")
    }

    @Test func `a disk that is nearly full and a damaged ledger`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        var settings = DropSettings()
        settings.more = ["limits: { free_bytes: 1000000GiB }"]
        try drop.configure(settings)
        let full = try await examine(drop, exit: 74)
        #expect(full["disk"]?.outcome == "failed")
        #expect(full["disk"]?.found.contains("limits.free_bytes") == true)
        #expect(full["directories"]?.outcome == "ok")

        try drop.configure(DropSettings())
        // The write-ahead log would mend it.
        try drop.write("PRAGMA wal_checkpoint(TRUNCATE)")
        let file = try FileHandle(forUpdating: URL(filePath: drop.folder.path("state/ledger.sqlite")))
        try file.seek(toOffset: 4096 * 3)
        try file.write(contentsOf: Data(repeating: 0x5A, count: 4096 * 4))
        try file.close()
        let damaged = try await examine(drop, exit: 74)
        #expect(damaged["ledger"]?.outcome == "failed")
        #expect(damaged["ledger"]?.remedy?.contains("backup") == true)
        #expect(damaged["directories"]?.outcome == "ok")
    }

    @Test func `a relay that refuses the login, and one that is not there`() async throws {
        let drop = try await EndToEndDrop.start()
        let smtp = try await SMTPServer(.startTLS(), folder: URL(filePath: drop.folder.path("smtp")))
        try drop.folder.write("wrong", to: "etc/credentials/acme/relay", mode: 0o600)
        var settings = DropSettings()
        settings.more = [
            "mail: { smtp: \"\(smtp.url)\", user: \(SMTPServer.user), password: relay, ca_file: \(smtp.certificate) }"
        ]
        try drop.configure(settings)
        let refused = try await examine(drop, exit: 77)
        #expect(refused["mail"]?.outcome == "failed")
        #expect(refused["mail"]?.found.contains("login_refused") == true)
        #expect(refused["mail"]?.found.contains("wrong") == false)
        smtp.stop()
        let gone = try await examine(drop, exit: 69)
        #expect(gone["mail"]?.found.contains("unreachable") == true)
    }

    @Test func `a configuration that cannot be read is all that is looked at`() async throws {
        let drop = try await EndToEndDrop.start()
        try drop.folder.write("name: [", to: "etc/acme.yaml", mode: 0o600)
        let findings = try await examine(drop, exit: 78)
        #expect(findings["configuration"]?.outcome == "failed")
        #expect(findings.steps.dropFirst().allSatisfy { $0.outcome == "skipped" })
    }
}
