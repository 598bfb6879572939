import Alerts
import GRDB
import Ledger
import Testing

struct DigestTests {
    @Test func `a digest tells of everything that went wrong in a run, and of no cell`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.settle(
            "open_invoices",
            .failed,
            name: "invoices-2026-11-21.csv",
            reason: "missing_required_column",
            run: run,
            issues: [
                .init(
                    code: "missing_required_column",
                    message: "Missing required column(s): due_date. Did you mean \"due_dat\"?"
                )
            ]
        )
        try desk.settle(
            "contacts",
            .loadedWithErrors,
            name: "contacts.csv",
            run: run,
            counts: .thousand(rejected: 12, parked: 1),
            issues: (1...12).map { .init(line: $0 * 7, column: "email", code: "bad_email") }
        )
        try desk.settle(
            "customers_with_open_balances",
            .held,
            name: "c.csv",
            reason: "held_by_guard",
            run: run,
            detail: [("would_clear", 812), ("open", 1204)]
        )
        try desk.settle(
            "payment_receipts",
            .loaded,
            name: "receipts.csv",
            run: run,
            counts: .thousand(),
            issues: [
                .init(
                    code: "near_miss_column",
                    message: "Column \"po_numbr\" looks like \"po_number\"; stored as custom field.",
                    severity: "warning"
                )
            ]
        )
        try desk.settle("contacts", .ignored, name: "notes.txt", reason: "not_csv_name", run: run)
        try desk.settle("subsidiaries", .loaded, run: run, counts: .thousand())
        try desk.finishRun(run)
        try await desk.project()

        let mails = try desk.mails()
        #expect(mails.map(\.kind) == ["digest"])
        let mail = try #require(mails.first)
        #expect(!mail.body.contains("CANARY"))
        try expectGolden("Subject: \(mail.subject)\n\n\(mail.body)", "digest.txt")
    }

    @Test func `a digest about one file says in its subject which and why`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.settle(
            "contacts",
            .failed,
            name: "x\u{1B}[31m\r\nBcc: eve@evil.example\u{202E}.csv",
            reason: "empty_file",
            run: run
        )
        try desk.finishRun(run)
        try await desk.project()
        let mail = try #require(try desk.mails().first)
        #expect(
            mail.subject
                == "acme: x\\u001b[31m\\u000d\\u000aBcc: eve@evil.example\\u202e.csv failed (empty_file)"
        )
        #expect(!mail.body.unicodeScalars.contains { DisplayText.isUnsafe($0) && $0 != "\n" })
    }

    @Test func `ten thousand failures are one mail with counts and the first twenty`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                    INSERT INTO file (file_id, type, directory, path, path_text, name, state, first_seen_at)
                    SELECT i, 'contacts', 'contacts', CAST('p' || i AS BLOB), 'p' || i, i || '.csv', 'failed', '' FROM n;
                    INSERT INTO event (at, event, run_id, file_id, detail)
                    SELECT '', 'file.failed', \(run), file_id, '{"type":"contacts"}' FROM file;
                    """
            )
        }
        try desk.finishRun(run)
        try await desk.project()
        let mails = try desk.mails()
        #expect(mails.map(\.subject) == ["acme: 10000 files failed"])
        let body = try #require(mails.first?.body)
        #expect(body.contains("\n20. 20.csv: failed\n"))
        #expect(!body.contains("\n21. "))
        #expect(body.contains("And 9980 more files."))
    }

    @Test func `a slot is shown in the zone of the drop as well`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.settle("contacts", .failed, run: run)
        try desk.finishRun(run)
        try await desk.project()
        let body = try #require(try desk.mails().first?.body)
        #expect(body.contains("Slot 2026-11-21 10:00:00Z (2026-11-21 11:00 Europe/Berlin)"))
    }
}
