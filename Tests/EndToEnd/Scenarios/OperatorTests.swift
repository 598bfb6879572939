import Foundation
import Glibc
import TestSupport
import Testing

/// The verbs that change something, beyond the scenarios.
@Suite(.timeLimit(.minutes(5)))
struct OperatorTests {
    private static let statuses = "SELECT invoice_id, status FROM open_invoices ORDER BY invoice_id"

    @Test func `recipients are kept in the ledger, each with the test mail's answer`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        #expect(try await drop.run("recipients", "list").output == "ar-ops@acme.example\n")
        #expect(try await drop.run("recipients", "add", "cfo@acme.example").status == 0)
        #expect(try await drop.run("recipients", "add", "cfo@acme.example").status == 0)
        #expect(try await drop.run("recipients", "remove", "ar-ops@acme.example").status == 0)
        #expect(try await drop.run("recipients", "list").output == "cfo@acme.example\n")
        #expect(try await drop.run("recipients", "add", "no address").status == 64)
        let sent = try await drop.run("recipients", "test")
        #expect(sent.status == 0 && sent.output.contains("cfo@acme.example"), "\(sent.errors)")
        let mails = try drop.mails()
        #expect(mails.count == 1 && mails[0].subject.contains("test"))
        #expect(mails.first?["To"]?.contains("cfo@acme.example") == true)
        // What the configuration says counts only once.
        try await drop.put(.customers("C1,Acme,x,USD"))
        try await drop.poll(65)
        try drop.expect(
            "SELECT recipients FROM mail_queue WHERE kind = 'digest'",
            gives: ["cfo@acme.example"]
        )
        try drop.expectInvariants()
    }

    @Test func `a replay shows what it would do, and is refused behind a newer file`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices(invoice("I1"), invoice("I2"), name: "one.csv")
        )
        try await drop.poll()
        let before = try drop.query("SELECT seq FROM events WHERE event LIKE 'file.%'")
        let rehearsal = try await drop.run("replay", "one.csv", "--dry-run")
        #expect(rehearsal.status == 0 && rehearsal.output.contains("2 unchanged"), "\(rehearsal.errors)")
        #expect(try drop.query("SELECT seq FROM events WHERE event LIKE 'file.%'") == before)

        try await drop.put(.invoices(invoice("I2"), invoice("I3"), name: "two.csv"))
        try await drop.poll()
        try drop.expect(Self.statuses, gives: ["I1|CLEARED", "I2|OPEN", "I3|OPEN"])
        let refused = try await drop.run("replay", "one.csv")
        #expect(refused.status == 65 && refused.errors.contains("--older"))
        try drop.expect(Self.statuses, gives: ["I1|CLEARED", "I2|OPEN", "I3|OPEN"])
        #expect(try await drop.run("replay", "one.csv", "--older").status == 0)
        try drop.expect(Self.statuses, gives: ["I1|OPEN", "I2|OPEN", "I3|OPEN"])
        #expect(try await drop.run("replay", "three.csv").status == 66)
        #expect(try await drop.run("release", "one.csv").status == 66)
        try drop.expectInvariants()
    }

    @Test func `a daemon releases a held file and moves it`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"), .invoices((1...100).map { invoice("I\($0)") }))
        let daemon = try drop.launch("run")
        try await TestSupport.poll("the daemon") { drop.folder.contains("state/status.log") ? true : nil }
        try await drop.poll()
        try await drop.put(.invoices((1...30).map { invoice("I\($0)") }, name: "cut.csv"))
        try await drop.poll(65)
        let id = try #require(try drop.query("SELECT file_id FROM files WHERE state = 'held'").first)
        let status = try await drop.run("status")
        #expect(status.output.contains("ledgerdrop release \(id)"))
        let released = try await drop.run("release", id, "--reason", "a month's end", "--format", "json")
        #expect(released.status == 0, "\(released.errors)")
        let answer = try JSONSerialization.jsonObject(with: Data(released.output.utf8)) as? [String: Any]
        #expect(answer?["state"] as? String == "loaded")
        try await TestSupport.poll("the move") {
            try drop.listing("open_invoices/pending").isEmpty ? true : nil
        }
        try drop.expect(
            "SELECT status, count(*) FROM open_invoices GROUP BY 1 ORDER BY 1",
            gives: ["CLEARED|70", "OPEN|30"]
        )
        try drop.expect(
            "SELECT detail ->> 'why' FROM events WHERE event = 'file.released'",
            gives: ["a month's end"]
        )
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        try drop.expectInvariants()
    }
}
