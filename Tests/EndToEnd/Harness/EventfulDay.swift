import Foundation
import TestSupport
import Testing

/// A drop on the eve of a day that has one of everything, which can be lived again and again from the same morning.
///
/// There is a mail in the queue, a row is parked, and in the inbox lie a file of every record type: good ones, one
/// partly bad, failed ones, one that came before, one that a guard holds, one that heals, a PDF, and what is not ours.
final class EventfulDay: Sendable {
    let drop: EndToEndDrop
    /// How the day ends when nothing goes wrong.
    let calm: Outcome

    /// What anybody can see at the end of a day, whatever happened in between.
    struct Outcome: Equatable, Sendable {
        var views: [String: [String]]
        /// The paths and sizes of the files on the server.
        var server: [String]
        /// The mails that left.
        var mails: [String]

        /// Without what depends on how many runs the day took.
        var withoutMails: Outcome {
            var copy = self
            copy.mails = []
            for sql in views.keys where sql.contains("mail_queue") { copy.views[sql] = nil }
            return copy
        }

        /// What differs from another outcome, for a message.
        func difference(from other: Outcome) -> String {
            var lines: [String] = []
            for (sql, rows) in views where other.views[sql] != rows {
                let theirs = other.views[sql] ?? []
                lines.append("\(sql.prefix(60)): \(rows.filter { !theirs.contains($0) }), not")
                lines.append(
                    "\(theirs.filter { !rows.contains($0) }); \(rows.count) and \(theirs.count) rows"
                )
            }
            if server != other.server {
                lines.append("server: \(server.filter { !other.server.contains($0) }), not")
                lines.append("\(other.server.filter { !server.contains($0) })")
            }
            if mails != other.mails { lines.append("mails: \(mails), not \(other.mails)") }
            return lines.joined(separator: "\n")
        }
    }

    private static let views = [
        """
        SELECT name, type, sha256, state, reason, rows_total, rows_inserted, rows_updated, rows_unchanged, rows_rejected,
               rows_parked, rows_cleared, rows_deleted, warnings FROM files ORDER BY path, file_id
        """,
        "SELECT subsidiary_id, name FROM subsidiaries ORDER BY 1",
        "SELECT customer_id, name, balance, currency FROM customers_with_open_balances ORDER BY 1",
        "SELECT invoice_id, customer_id, amount, balance, status FROM open_invoices ORDER BY 1",
        "SELECT customer_id, email, first_name FROM contacts ORDER BY 1, 2",
        "SELECT payment_id, customer_id, amount, unapplied_amount FROM payment_receipts ORDER BY 1",
        "SELECT payment_id, invoice_id, amount FROM payment_applications ORDER BY 1, 2",
        "SELECT credit_memo_id, customer_id, amount FROM credit_memo_receipts ORDER BY 1",
        "SELECT name, sha256, status, invoice_id FROM invoice_pdfs ORDER BY 1",
        """
        SELECT name, record, severity, code, column_name FROM row_issues JOIN files USING (file_id)
         ORDER BY path, record, code, column_name
        """,
        """
        SELECT name, event FROM events JOIN files USING (file_id)
         WHERE event IN ('file.loaded', 'file.loaded_with_errors', 'file.failed', 'file.duplicate', 'file.held',
                         'file.disposed', 'rows.healed') ORDER BY path, file_id, event
        """,
        "SELECT kind, state, count(*) FROM mail_queue GROUP BY 1, 2 ORDER BY 1, 2",
    ]

    private static let yesterday: [DroppedFile] = {
        let customers = (1...40).map { "C\($0),Customer \($0),\($0).00,USD" }
        let invoices = (1...60).map { invoice("I\($0)", ["customer_id": "C\($0 % 40 + 1)"]) }
        return [
            .sheet("subsidiaries", "subsidiary_id,name", ["S1,North"]),
            .sheet("customers_with_open_balances", "customer_id,name,balance,currency", customers),
            .invoices(invoices + [invoice("I900", ["customer_id": "C999"])], name: "day1.csv"),
            .contacts("C1,a@x.example,Ada", "C2,nobody,Bob"),
            .receipts("P1,C1,2025-02-01,100.00,USD", "P2,C2,2025-02-01,50.00,USD"),
            credits,
        ]
    }()

    private static let credits = DroppedFile.sheet(
        "credit_memo_receipts",
        "credit_memo_id,customer_id,credit_memo_date,amount,currency",
        ["M1,C1,2025-02-01,10.00,USD"]
    )

    private static let today: [DroppedFile] = {
        let customers = (1...40).map { "C\($0),Customer \($0),\($0).50,USD" } + ["C999,Late,9.00,USD"]
        return [
            .sheet("subsidiaries", "subsidiary_id,name", ["S1,North", "S2,South"], name: "day2.csv"),
            .sheet(
                "customers_with_open_balances",
                "customer_id,name,balance,currency",
                customers,
                name: "day2.csv"
            ),
            .invoices((1...10).map { invoice("I\($0)") }, name: "cut.csv"),
            .contacts("C3,c@x.example,Cid", name: "more.csv"),
            // One file of each type: what a run says of several would depend on which it could fetch.
            .sheet("credit_memo_applications", "credit_memo_id,amount", ["M1,1.00"], name: "bad.csv"),
            .sheet(
                "payment_receipts",
                "payment_id,customer_id,payment_date,amount,currency",
                ["P3,C3,2025-02-02,1.00,USD", "P4,C4,soon,1.00,USD"],
                name: "day2.csv"
            ),
            .lines("P1,I1,40.00", "P77,I2,5.00"),
            DroppedFile(credits.bytes, in: credits.folder, name: "again.csv"),
            DroppedFile(Array("%PDF-1.4\nN-I1\n%%EOF\n".utf8), in: "invoice_pdfs", name: "N-I1.pdf"),
            DroppedFile("x", in: "contacts/pending", name: "notes.txt"),
        ]
    }()

    private init(_ drop: EndToEndDrop, calm: Outcome) {
        self.drop = drop
        self.calm = calm
    }

    /// Lives through yesterday, and once through today in peace.
    ///
    /// `fromNothing`: there was no yesterday, and there is no state directory yet.
    static func prepare(
        server: OpenSSHServer.Options = OpenSSHServer.Options(),
        fromNothing: Bool = false
    ) async throws -> EventfulDay {
        // A server that is slow because the machine is busy is no part of the day.
        let settings = DropSettings(
            inbox: ["timeouts: { connect: 600s, step: 600s }"],
            more: ["limits: { free_bytes: 1KiB }"]
        )
        var unsent = settings
        unsent.more.append("mail: { smtp: \"smtp://127.0.0.1:9\" }")
        let drop = try await EndToEndDrop.start(fromNothing ? settings : unsent, server: server)
        if fromNothing {
            try await drop.put(yesterday)
            try await copy(drop.server.root, to: drop.folder.path("morning-inbox"))
            try await drop.poll(65)
            try drop.expectInvariants()
            return EventfulDay(drop, calm: try outcome(of: drop))
        }
        try await drop.put(yesterday)
        try await drop.poll(65)
        try drop.expect("SELECT count(*) FROM mail_queue WHERE state = 'queued'", gives: ["1"])
        try drop.configure(settings)
        try await drop.put(today)
        try await copy(drop.folder.path("state"), to: drop.folder.path("morning-state"))
        try await copy(drop.server.root, to: drop.folder.path("morning-inbox"))
        try await drop.poll(65)
        try drop.expectInvariants()
        let states = try drop.query("SELECT DISTINCT state FROM files ORDER BY 1")
        #expect(states == ["duplicate", "failed", "held", "ignored", "loaded", "loaded_with_errors"])
        try drop.expect("SELECT count(*) FROM events WHERE event = 'rows.healed'", gives: ["1"])
        let day = EventfulDay(drop, calm: try outcome(of: drop))
        return day
    }

    /// Makes it morning again.
    func rewind() async throws {
        let state = drop.folder.path("state")
        if drop.folder.contains("morning-state") {
            try await Self.put(drop.folder.path("morning-state"), in: state)
        } else {
            try await runTool(["/bin/rm", "-rf", state])
        }
        try await Self.put(drop.folder.path("morning-inbox"), in: drop.server.root)
    }

    /// Leaves an order for a run, to be found by the next daemon; it is answered as `order.answer`.
    func orderRun() throws {
        try drop.folder.makeFolder("state/requests")
        try drop.folder.write(
            #"{"verb":{"poll":{}},"user":"test","at":"2026-01-01T00:00:00.000Z"}"#,
            to: "state/requests/order.request",
            mode: 0o600
        )
    }

    /// Makes a run without faults and says how the day ended; `nil` after a complaint of the run itself.
    func recover(_ what: String) async throws -> Outcome? {
        let result = try await drop.run("poll")
        #expect([0, 65].contains(result.status), "\(what): \(result.status) \(result.errors)")
        return [0, 65].contains(result.status) ? try Self.outcome(of: drop) : nil
    }

    /// Expects that the day ends as if nothing had happened: one more run, then every invariant and the same outcome.
    @discardableResult
    func expectCalmEnd(_ what: String, sameMails: Bool = true) async throws -> Bool {
        guard let found = try await recover(what) else { return false }
        let verdict = try drop.verify()
        let isSound = verdict.good && verdict.notes.isEmpty
        #expect(isSound, "\(what): \(verdict.complaint)")
        let (outcome, expected) = sameMails ? (found, calm) : (found.withoutMails, calm.withoutMails)
        let isCalm = outcome == expected
        #expect(isCalm, "\(what): \(outcome.difference(from: expected))")
        return isSound && isCalm
    }

    /// Whether the checks of ``expectCalmEnd(_:sameMails:)`` hold; for a fault that they must catch.
    func endsCalmly() async throws -> Bool {
        _ = try await drop.run("poll")
        // Damaged beyond reading is not calm either.
        guard let verdict = try? drop.verify() else { return false }
        return try verdict.good && verdict.notes.isEmpty && Self.outcome(of: drop) == calm
    }

    static func outcome(of drop: EndToEndDrop) throws -> Outcome {
        var rows: [String: [String]] = [:]
        for sql in views { rows[sql] = try drop.query(sql) }
        return Outcome(
            views: rows,
            server: try listing(drop.server.folder, "inbox"),
            mails: try drop.mails().map { "\($0["To"] ?? "") \($0.subject)" }
        )
    }

    private static func listing(_ folder: TemporaryFolder, _ name: String) throws -> [String] {
        try folder.names(in: name).flatMap { entry -> [String] in
            let path = "\(name)/\(entry)"
            var status = stat()
            guard lstat(folder.path(path), &status) == 0 else { return [] }
            return status.st_mode & S_IFMT == S_IFDIR
                ? try listing(folder, path) : ["\(path) \(status.st_size)"]
        }
    }

    private static func copy(_ from: String, to: String) async throws {
        try await runTool(["/bin/cp", "-a", from, to])
    }

    private static func put(_ template: String, in place: String) async throws {
        try await runTool(["/bin/sh", "-c", "rm -rf '\(place)' && cp -a '\(template)' '\(place)'"])
    }
}
