import Foundation
import GRDB
import Ledger
import TestSupport

/// A ledger with files, findings and invoices put into it by hand.
struct SeededLedger {
    static let now = Timestamp("2026-11-22T12:00:00.000Z") ?? Timestamp(milliseconds: 0)

    let folder: TemporaryFolder
    let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder("page")
        ledger = try Ledger.open(
            path: folder.path("ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///in"),
            owner: "test",
            time: Self.now
        )
    }

    func write(_ sql: String, _ arguments: StatementArguments = []) throws {
        try ledger.pool.write { db in try db.execute(sql: sql, arguments: arguments) }
    }

    /// Adds a file; its id is returned.
    @discardableResult
    func file(
        _ name: String,
        type: String? = "open_invoices",
        state: FileState = .loaded,
        reason: String? = nil,
        seen: String = "2026-11-22T10:00:00.000Z",
        cleared: Int64 = 0,
        rejected: Int64 = 0
    ) throws -> Int64 {
        let isSettled = state.isApplied || state == .failed
        return try ledger.pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO file (run_id, type, directory, path, path_text, name, size, sha256, state, reason,
                                      first_seen_at, received_at, settled_at, attempt, rows_total, rows_inserted,
                                      rows_updated, rows_unchanged, rows_rejected, rows_parked, rows_cleared, rows_deleted)
                    VALUES (NULL, :type, 'd', :path, :text, :name, 12, :sha, :state, :reason, :seen, :seen, :settled, 1,
                            :total, 0, 0, 0, :rejected, 0, :cleared, 0)
                    """,
                arguments: [
                    "type": type, "path": Data(name.utf8), "text": "open_invoices/pending/\(name)",
                    "name": name,
                    "sha": String(repeating: "a", count: 64), "state": state.rawValue, "reason": reason,
                    "seen": seen,
                    "settled": isSettled ? seen : nil, "total": rejected, "rejected": rejected,
                    "cleared": cleared,
                ]
            )
            return db.lastInsertedRowID
        }
    }

    func event(_ event: String, file: Int64, detail: String = "{}") throws {
        try write(
            "INSERT INTO event (at, event, file_id, detail) VALUES ('2026-11-22T10:00:36.000Z', ?, ?, ?)",
            [event, file, detail]
        )
    }

    func issue(
        _ file: Int64,
        record: Int64?,
        code: String = "bad_date",
        column: String? = "due_date",
        message: String = "no date",
        severity: String = "error"
    ) throws {
        try write(
            """
            INSERT INTO row_issue (file_id, record, line, byte_offset, severity, code, column_name, message)
            VALUES (?, ?, ?, 0, ?, ?, ?, ?)
            """,
            [file, record, record, severity, code, column, message]
        )
    }

    func invoice(
        _ id: String,
        currency: String = "EUR",
        scale: Int = 2,
        due: String = "2026-12-01",
        amount: Int64 = 1000,
        balance: Int64? = nil,
        clearedBy file: Int64? = nil,
        number: String = "R1"
    ) throws {
        try write(
            "INSERT OR IGNORE INTO customer (customer_id, name, balance, currency) VALUES ('c', 'C', 0, 'EUR')"
        )
        try write(
            """
            INSERT INTO invoice (invoice_id, invoice_number, customer_id, invoice_date, due_date, amount, balance, currency,
                                 scale, status, cleared_date, file_id)
            VALUES (?, ?, 'c', '2026-01-01', ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, number, due, amount, file == nil ? balance ?? amount : 0, currency, scale,
                file == nil ? "OPEN" : "CLEARED", file == nil ? nil : "2026-11-22", file ?? 0,
            ]
        )
    }

    func run(_ slot: String = "2026-11-22T10:00:00Z", state: String = "finished") throws {
        try write(
            """
            INSERT INTO run (slot, trigger, state, stage, started_at, finished_at, listed, batched, waiting, settled, ignored)
            VALUES (?, 'slot', ?, 'done', ?, ?, 5, 1, 1, 2, 1)
            """,
            [slot, state, slot, slot]
        )
    }
}
