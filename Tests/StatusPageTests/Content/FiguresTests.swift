import Foundation
import Ledger
import Receivables
import Testing

@testable import StatusPage

struct FiguresTests {
    @Test func `open and cleared amounts add up exactly in each currency`() throws {
        let seeded = try SeededLedger()
        try seeded.invoice("1", amount: 1_050)
        try seeded.invoice("2", amount: 5, balance: -7)
        try seeded.invoice("3", currency: "JPY", scale: 0, amount: 12)
        try seeded.invoice("4", currency: "KWD", scale: 3, amount: 1_001)
        try seeded.invoice("5", amount: 999, clearedBy: 1)
        for index in 0..<3 {
            // Their sum is more than 64 bits hold.
            try seeded.invoice("big\(index)", currency: "USD", amount: 9_000_000_000_000_000_000)
        }
        let today = try #require(Day("2026-11-22"))
        let figures = try InvoiceFigureQueries(seeded.ledger).figures(today: today)
        let shown = figures.currencies.map {
            "\($0.currency) \($0.open.count) \($0.text($0.open)) \($0.text($0.cleared))"
        }
        #expect(
            shown == [
                "EUR 2 10.43 9.99", "JPY 1 12 0", "KWD 1 1.001 0.000", "USD 3 270000000000000000.00 0.00",
            ]
        )
    }

    @Test(arguments: [
        ("2026-11-23", InvoiceFigures.Age.notDue), ("2026-11-22", .notDue), ("2026-11-21", .upTo30),
        ("2026-10-23", .upTo30), ("2026-10-22", .upTo60), ("2026-09-23", .upTo60), ("2026-09-22", .upTo90),
        ("2026-08-24", .upTo90), ("2026-08-23", .over90), ("1999-01-01", .over90),
    ])
    func `an invoice ages by the days since it was due`(due: String, age: InvoiceFigures.Age) throws {
        let seeded = try SeededLedger()
        try seeded.invoice("1", due: due)
        let today = try #require(Day("2026-11-22"))
        let figures = try InvoiceFigureQueries(seeded.ledger).figures(today: today)
        #expect(
            figures.currencies.first?.ages.map(\.count)
                == InvoiceFigures.Age.allCases.map { $0 == age ? 1 : 0 }
        )
    }

    @Test func `figures follow what is committed and say as of when they are`() throws {
        let seeded = try SeededLedger()
        let probe = try PageProbe(seeded)
        #expect(probe.source.figures.snapshot == nil)
        _ = try probe.source.figures.refresh()
        #expect(probe.source.figures.snapshot?.asOf == SeededLedger.now)
        #expect(probe.source.figures.snapshot?.activity.days.count == 30)
        #expect(probe.source.figures.snapshot?.invoices.currencies.isEmpty == true)
    }

    @Test func `days, rejects and mails are counted`() throws {
        let seeded = try SeededLedger()
        let file = try seeded.file("a.csv", state: .loadedWithErrors, rejected: 2)
        try seeded.file("b.csv", state: .failed, seen: "2026-11-20T09:00:00.000Z")
        try seeded.file("old.csv", seen: "2026-01-01T09:00:00.000Z")
        try seeded.issue(file, record: 1)
        try seeded.issue(file, record: 2)
        try seeded.issue(file, record: 2, code: "bad_currency")
        try seeded.issue(file, record: 2, code: "near_miss_column", severity: "warning")
        try seeded.write(
            """
            INSERT INTO mail (mail_id, kind, subject, body, queued_at) VALUES
                (1, 'digest', 's', 'b', '2026-11-22T01:00:00.000Z'), (2, 'digest', 's', 'b', '2026-11-22T02:00:00.000Z');
            INSERT INTO mail_recipient (mail_id, address, state, next_attempt_at) VALUES
                (1, 'a@x.example', 'queued', ''), (1, 'b@x.example', 'dead', ''), (2, 'a@x.example', 'sent', '');
            """
        )
        let figures = try ActivityFigureQueries(seeded.ledger).figures(days: 30, now: SeededLedger.now)
        #expect(figures.days.last == .init(day: "2026-11-22", files: 1, troubled: 1, rows: 2, rejected: 2))
        #expect(figures.days.first { $0.day == "2026-11-20" }?.files == 1)
        #expect(figures.days.reduce(0) { $0 + $1.files } == 2)
        #expect(
            figures.rejects == [.init(code: "bad_date", count: 2), .init(code: "bad_currency", count: 1)]
        )
        #expect([figures.mails.queued, figures.mails.sent, figures.mails.dead] == [1, 1, 0])
        #expect(figures.mails.oldestQueuedAt == "2026-11-22T01:00:00.000Z")
    }

    @Test func `what a file cleared is listed in pages until something changes it`() throws {
        let seeded = try SeededLedger()
        let id = try seeded.file("a.csv", cleared: 5)
        for index in 0..<5 { try seeded.invoice("i\(index)", clearedBy: id) }
        try seeded.write(
            "UPDATE invoice SET status = 'OPEN', balance = 5, file_id = 99 WHERE invoice_id = 'i2'"
        )
        let file = try #require(try FileQueries(seeded.ledger).file(id))
        let queries = ClearedQueries(seeded.ledger)
        let first = try queries.records(of: file, limit: 3)
        let second = try queries.records(of: file, after: first.last?.row ?? 0, limit: 3)
        #expect((first + second).map(\.id) == ["i0", "i1", "i3", "i4"])
        #expect(first.first?.amount == "10.00")
    }
}
