import GRDB
import Ledger
import Testing

struct RecipientTests {
    @Test func `the configured list is taken over once`() throws {
        let desk = try Desk(recipients: ["a@x.example", "b@x.example"])
        let list = RecipientLedger(desk.ledger)
        #expect(try list.seed(["B@x.example", "a@x.example"], at: desk.time) == false)
        #expect(try list.remove("A@X.example", by: "alice", at: desk.time))
        #expect(try list.seed(["a@x.example", "b@x.example"], at: desk.time))
        #expect(try list.list().map(\.address) == ["b@x.example"])
        #expect(try list.remove("b@x.example", by: "alice", at: desk.time))
        _ = try list.seed(["a@x.example"], at: desk.time)
        #expect(try list.list().isEmpty)
        #expect(try desk.count(.recipientsChanged) == 4)
    }

    @Test func `an address is on the list once, and removing a stranger changes nothing`() throws {
        let desk = try Desk(recipients: ["a@x.example"])
        let list = RecipientLedger(desk.ledger)
        #expect(try list.add("A@x.example", by: "alice", at: desk.time) == false)
        #expect(try list.remove("c@x.example", by: "alice", at: desk.time) == false)
        #expect(try list.list().map(\.address) == ["a@x.example"])
    }

    @Test func `who wants to hear about some types hears about those alone`() async throws {
        let desk = try Desk(recipients: ["all@x.example", "cash@x.example", "both@x.example"])
        let list = RecipientLedger(desk.ledger)
        #expect(try list.subscribe("CASH@x.example", to: ["payment_receipts"], by: "alice", at: desk.time))
        #expect(
            try list.subscribe(
                "both@x.example",
                to: ["payment_receipts", "contacts"],
                by: "alice",
                at: desk.time
            )
        )
        #expect(try !list.subscribe("nobody@x.example", to: ["contacts"], by: "alice", at: desk.time))
        #expect(
            try list.list().map(\.types) == [[], ["contacts", "payment_receipts"], ["payment_receipts"]]
        )
        let run = try desk.startRun()
        try desk.settle("contacts", .failed, name: "contacts.csv", run: run)
        try desk.settle("open_invoices", .held, name: "invoices.csv", run: run)
        try desk.finishRun(run)
        try await desk.project()
        #expect(
            try told(desk) == [
                "digest all@x.example contacts.csv invoices.csv", "digest both@x.example contacts.csv",
            ]
        )

        let next = try desk.startRun()
        try desk.settle("contacts", .loaded, name: "contacts.csv", run: next)
        try desk.settle("payment_receipts", .failed, name: "receipts.csv", run: next)
        try desk.finishRun(next)
        try await desk.project()
        #expect(
            try told(desk).dropFirst(2) == [
                "digest all@x.example receipts.csv", "digest both@x.example receipts.csv",
                "digest cash@x.example receipts.csv", "recovery all@x.example ", "recovery both@x.example ",
            ]
        )
        // What lasts is told to everybody; who leaves the list takes the wishes along.
        #expect(try list.remove("cash@x.example", by: "alice", at: desk.time))
        #expect(try list.add("cash@x.example", by: "alice", at: desk.time))
        #expect(try list.list().last?.types == [])
    }

    @Test func `a mail that was given up is tried again for those who did not get it`() async throws {
        let desk = try Desk(recipients: ["a@x.example", "b@x.example"])
        let mail = try await desk.ledger.alert(at: desk.time) { try $0.queue(.test, subject: "s", body: "b") }
        try desk.write { db in
            try db.execute(
                sql: "UPDATE mail_recipient SET state = iif(address = 'a@x.example', 'dead', 'sent')"
            )
            // So old that it would be given up at once.
            try db.execute(sql: "UPDATE mail SET queued_at = '2020-01-01T00:00:00.000Z'")
        }
        let later = desk.time.adding(seconds: 60)
        let (none, count, again, due) = try await desk.ledger.alert(at: later) { alerts in
            (
                try alerts.retry(mail + 1, by: "alice"), try alerts.retry(mail, by: "alice"),
                try alerts.retry(mail, by: "alice"), try alerts.nextDue()
            )
        }
        #expect(none == nil)
        #expect(count == 1)
        #expect(again == 1)
        #expect(due?.recipient == "a@x.example")
        #expect(due?.queuedAt == later)
        #expect(try MailQueries(desk.ledger).list(isOpen: true, limit: 5).map(\.id) == [mail])
        #expect(try MailQueries(desk.ledger).list(before: mail, limit: 5).isEmpty)
        #expect(try MailQueries(desk.ledger).letter(mail)?.deliveries.map(\.state) == ["queued", "sent"])
    }

    /// Kind, recipients and the files that are named, for each mail.
    private func told(_ desk: Desk) throws -> [String] {
        try desk.ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT kind, recipients, body FROM mail_queue JOIN mail USING (mail_id, kind) ORDER BY mail_id"
            ).map { row in
                let body: String = row["body"]
                let names = ["contacts.csv", "invoices.csv", "receipts.csv"].filter {
                    body.contains("\($0): ")
                }
                return
                    "\(row["kind"] as String) \(row["recipients"] as String) \(names.joined(separator: " "))"
            }
        }
    }
}
