import Foundation
import Glibc
import TestSupport
import Testing

/// What leaves the house: mails and logs.
@Suite(.timeLimit(.minutes(5)))
struct TellingTests {
    @Test func `a digest leaves through a real SMTP server, encrypted and logged in`() async throws {
        let drop = try await EndToEndDrop.start()
        let smtp = try await SMTPServer(
            .startTLS(),
            folder: URL(filePath: drop.folder.path("smtp"))
        )
        try drop.folder.write(SMTPServer.password, to: "etc/credentials/acme/relay", mode: 0o600)
        var settings = DropSettings(recipients: ["ar-ops@acme.example", "nobody@acme.example"])
        settings.more = [
            "mail:", "  smtp: \"\(smtp.url)\"", "  user: \(SMTPServer.user)", "  password: relay",
            "  ca_file: \(smtp.certificate)",
        ]
        try drop.configure(settings)
        try await drop.put(.customers("C1,Acme,one,USD"))
        try await drop.poll(65)
        let taken = try smtp.mails()
        #expect(taken.map(\.to) == [["ar-ops@acme.example"]])
        let mail = ReceivedMail(try #require(taken.first).content)
        #expect(taken.first?.encrypted == true)
        #expect(mail["From"]?.contains("ledgerdrop@acme.example") == true)
        #expect(mail["Auto-Submitted"] == "auto-generated")
        #expect(mail.body.contains("bad_decimal"))
        try drop.expect("SELECT kind, state FROM mail_queue WHERE kind = 'digest'", gives: ["digest|dead"])
        let refusal = try drop.query("SELECT last_error FROM mail_queue").joined()
        #expect(refusal.contains("nobody@acme.example") && !refusal.contains("ar-ops@acme.example"))
        try drop.expectInvariants()
    }

    @Test func `mail waits while its server is down, and leaves once when it is back`() async throws {
        let drop = try await EndToEndDrop.start()
        let folder = URL(filePath: drop.folder.path("smtp"))
        let smtp = try await SMTPServer(.implicitTLS, folder: folder)
        let port = smtp.port
        smtp.stop()
        try drop.folder.write(SMTPServer.password, to: "etc/credentials/acme/relay", mode: 0o600)
        var settings = DropSettings()
        settings.more = [
            "mail:", "  smtp: \"\(smtp.url)\"", "  user: \(SMTPServer.user)", "  password: relay",
            "  ca_file: \(smtp.certificate)",
        ]
        try drop.configure(settings)
        try await drop.put(.customers("C1,Acme,one,USD"))
        try await drop.poll(65)
        try drop.expect("SELECT state FROM mail_queue WHERE kind = 'digest'", gives: ["queued"])
        try drop.expect("SELECT count(*) FROM customers_with_open_balances", gives: ["0"])

        let back = try await SMTPServer(.implicitTLS, folder: folder, port: port)
        // A start tries what waits at once.
        let daemon = try drop.launch("run")
        try await TestSupport.poll("the mail") { try back.mails().isEmpty ? nil : true }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        let digests = try back.mails().filter { ReceivedMail($0.content).body.contains("bad_decimal") }
        #expect(digests.count == 1)
        try drop.expectInvariants()
    }

    @Test func `no file name can put a header or a line into a mail`() async throws {
        let drop = try await EndToEndDrop.start()
        let name = "x\r\nBcc: evil@example.org.csv"
        try await drop.put(
            .customers("C1,Acme\r\nBcc: evil@example.org,one,USD", name: name),
            DroppedFile("x", in: "contacts/pending", name: "y\nSubject: hello.txt")
        )
        try await drop.poll(65)
        #expect(try drop.listing("customers_with_open_balances/processed") == [name])
        let mails = try drop.mails()
        #expect(mails.count == 1)
        for mail in mails {
            #expect(
                mail.headers.map(\.name).filter { $0.lowercased() == "bcc" || $0.lowercased() == "subject" }
                    == ["Subject"]
            )
            let lines = mail.raw.split(whereSeparator: \.isNewline)
            #expect(!lines.contains { $0.hasPrefix("Bcc:") })
            #expect(
                !mail.body.split(separator: "\n").contains {
                    $0.hasPrefix("Bcc:") || $0.hasPrefix("Subject:")
                }
            )
            #expect(mail.body.contains("Bcc: evil@example.org.csv"))
        }
        for line in try drop.folder.text("state/status.log").split(separator: "\n") {
            #expect(line.hasPrefix("{") && line.hasSuffix("}"))
        }
        let explained = try await drop.run("explain", "1")
        #expect(!explained.output.utf8.contains(UInt8(ascii: "\r")))
        try drop.expectInvariants()
    }

    @Test func `no secret and no cell value leaves the ledger`() async throws {
        let drop = try await EndToEndDrop.start()
        let canary = "Canary7531"
        try drop.folder.write("\(canary)-password", to: "etc/credentials/acme/relay", mode: 0o600)
        let smtp = try await SMTPServer(.startTLS(), folder: URL(filePath: drop.folder.path("smtp")))
        let mail = [
            "mail:", "  smtp: \"\(smtp.url)\"", "  user: \(SMTPServer.user)", "  password: relay",
            "  ca_file: \(smtp.certificate)",
        ]
        try await drop.put(
            .customers(
                "\(canary)-id,\(canary)-name,1.00,USD",
                "C2,\(canary)-name,\(canary)-money,USD",
                "C3,Acme,1.00,\(canary)"
            ),
            .invoices(
                invoice("\(canary)-orphan", ["customer_id": "\(canary)-unknown"]),
                invoice("\(canary)-twice", ["customer_id": "\(canary)-id"]),
                invoice("\(canary)-twice", ["customer_id": "\(canary)-id", "amount": "7.00"]),
                invoice("\(canary)-date", ["due_date": "\(canary)-date"])
            ),
            .contacts("\(canary)-id,\(canary)-email,\(canary)-first", "\(canary)-id,\(canary)"),
            .sheet("payment_receipts", "payment_id,\(canary)-header", ["\(canary)-cell,1"])
        )
        let daemon = try drop.launch("run")
        try await TestSupport.poll("the daemon") { drop.folder.contains("state/status.log") ? true : nil }
        try await drop.poll(65)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try drop.query("SELECT message FROM row_issues").joined().contains(canary))
        // With a relay that refuses the password too.
        try drop.configure(DropSettings(more: mail))
        try await drop.put(.contacts("\(canary)-id,\(canary)-again,\(canary)-first", name: "again.csv"))
        let told = try await drop.run("poll")
        #expect(told.status == 65)
        #expect(try !smtp.logins().isEmpty)

        let shown = try await [
            drop.run("log"), drop.run("files"), drop.run("status"), drop.run("explain", "contacts.csv"),
        ]
        let key = try drop.folder.text("etc/credentials/acme/drop-key").split(separator: "\n")[1]
        #expect(shown.allSatisfy { $0.status == 0 })
        let printed = try drop.folder.names(in: "tmp")
        let places: [(String, String)] =
            [("status.log", try drop.folder.text("state/status.log"))]
            + (try printed.map { ($0, try drop.folder.text("tmp/\($0)")) })
            + (try drop.mails().map { ("a mail", $0.raw + $0.body) })
            + (try drop.query("SELECT body || subject FROM mail").map { ("a queued mail", $0) })
            + (try drop.query("SELECT detail FROM events").map { ("an event", $0) })
        for (place, text) in places {
            // The names of headers are theirs, but no cells.
            let cells = text.replacing("\(canary)-header", with: "")
            #expect(!cells.contains(canary), "\(place): \(cells)")
            #expect(!text.contains(key), "\(place)")
        }
        try drop.expectInvariants()
    }
}
