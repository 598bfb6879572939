import Foundation
import GRDB
import Receivables

/// The run a digest is about.
package struct AlertRun: Sendable, Equatable {
    package var id: Int64
    package var slot: Timestamp?
    package var trigger: String

    package init(id: Int64, slot: Timestamp?, trigger: String) {
        self.id = id
        self.slot = slot
        self.trigger = trigger
    }
}

/// What a mail says about one file; no cell value stands in it.
package struct AlertFile: Sendable, Equatable {
    /// One finding, as a mail may show it.
    package struct Issue: Sendable, Equatable {
        package var line: Int64?
        package var column: String?
        package var code: String
        /// What would have been right or, for a file that was refused as a whole, what was found.
        package var words: String

        package init(line: Int64?, column: String?, code: String, words: String) {
            self.line = line
            self.column = column
            self.code = code
            self.words = words
        }
    }

    package var id: Int64 = 0
    package var name = ""
    package var path = ""
    package var type: String?
    package var size: Int64?
    package var sha256: String?
    package var state = ""
    package var reason: String?
    package var counts = RowCounts()
    /// The first errors in file order.
    package var issues: [Issue] = []
    /// How many errors there are in all.
    package var issueCount = 0
    /// What is done with it on the server; `nil` for nothing.
    package var disposal: DisposalAction?
    /// Whether that is done.
    package var isDisposed = false
    /// Whether a report of the refused rows goes beside it.
    package var hasReport = false
    /// What the guard that holds it has counted, in the words of the event.
    package var remarks: [String] = []

    package init() {}
}

extension AlertTransaction {
    package func run(_ id: Int64) throws -> AlertRun? {
        try Row.fetchOne(db, sql: "SELECT slot, trigger FROM run WHERE run_id = ?", arguments: [id]).map {
            row in
            AlertRun(id: id, slot: Timestamp(row["slot"] as String), trigger: row["trigger"])
        }
    }

    /// A file as it is now, with the first of its errors; `nil` for an unknown number.
    package func file(_ id: Int64, issueLimit: Int) throws -> AlertFile? {
        guard
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT f.*, d.action, d.report, d.done_at IS NOT NULL AS is_done
                      FROM file f LEFT JOIN disposal d USING (file_id) WHERE file_id = ?
                    """,
                arguments: [id]
            )
        else { return nil }
        var file = AlertFile()
        file.id = id
        file.name = row["name"]
        file.path = row["path_text"]
        file.type = row["type"]
        file.size = row["size"]
        file.sha256 = row["sha256"]
        file.state = row["state"]
        file.reason = row["reason"]
        file.counts = Self.counts(row)
        file.disposal = (row["action"] as String?).flatMap(DisposalAction.init)
        file.isDisposed = row["is_done"]
        file.hasReport = row["report"] ?? false
        if file.state == FileState.held.rawValue { file.remarks = try guardRemarks(of: id) }
        file.issues = try issues(of: id, limit: issueLimit)
        file.issueCount =
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM row_issue WHERE file_id = ? AND severity = 'error'",
                arguments: [id]
            ) ?? 0
        return file
    }

    /// The near-miss names in a file's header, as sentences; header names are not cells.
    package func nearMisses(of file: Int64, limit: Int) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT message FROM row_issue WHERE file_id = ? AND code = 'near_miss_column'
                ORDER BY record, rowid LIMIT ?
                """,
            arguments: [file, limit]
        )
    }

    /// How many rows of a file are rejected or parked by now.
    package func openRows(of file: Int64) throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT coalesce(rows_rejected, 0) + coalesce(rows_parked, 0) FROM file WHERE file_id = ?",
            arguments: [file]
        ) ?? 0
    }

    /// How many disposals have failed at least so often and are not done, and one of them.
    package func stuckDisposals(after failures: Int) throws -> (count: Int, example: String, error: String)? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) OVER () AS count, f.path_text, coalesce(d.last_error, '') AS error
                  FROM disposal d JOIN file f USING (file_id)
                 WHERE d.done_at IS NULL AND d.attempts >= ? ORDER BY file_id LIMIT 1
                """,
            arguments: [failures]
        )
        return row.map { ($0["count"], $0["path_text"], $0["error"]) }
    }

    /// How many validated files have failed at least so often to get their report, and one of them.
    package func stuckReports(after failures: Int) throws -> (count: Int, example: String, error: String)? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) OVER () AS count, path, coalesce(last_error, '') AS error FROM validation
                 WHERE done_at IS NULL AND attempts >= ? ORDER BY validation_id LIMIT 1
                """,
            arguments: [failures]
        )
        return row.map { row in
            let path = String(decoding: row["path"] as Data, as: UTF8.self)
            return (row["count"], DisplayText(path, limit: 1024).escaped, row["error"])
        }
    }

    /// What the event of a held file says beside the facts that every settling event has.
    private func guardRemarks(of file: Int64) throws -> [String] {
        let held = try Int64.fetchOne(
            db,
            sql: "SELECT max(seq) FROM event WHERE file_id = ? AND event = 'file.held'",
            arguments: [file]
        )
        let common = [
            "name", "type", "state", "reason", "size", "sha256", "attempt", "warnings", "duration_ms",
        ]
        return try (held.map { try plainDetail(of: $0) } ?? [])
            .filter { !common.contains($0.key) && !$0.key.hasPrefix("rows_") }
            .map { "\($0.key.replacing("_", with: " ")) \($0.value)" }
    }

    private func issues(of file: Int64, limit: Int) throws -> [AlertFile.Issue] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT line, column_name, code, message FROM row_issue WHERE file_id = ? AND severity = 'error'
                ORDER BY record, rowid LIMIT ?
                """,
            arguments: [file, limit]
        ).map { row in
            let code: String = row["code"]
            let issue = IssueCode(rawValue: code)
            return AlertFile.Issue(
                line: row["line"],
                column: row["column_name"],
                code: code,
                words: issue?.isFitForMail == true
                    ? row["message"] : issue.map { "expected \($0.expectation)" } ?? ""
            )
        }
    }

    private static func counts(_ row: Row) -> RowCounts {
        var counts = RowCounts()
        counts.total = row["rows_total"] ?? 0
        counts.inserted = row["rows_inserted"] ?? 0
        counts.updated = row["rows_updated"] ?? 0
        counts.unchanged = row["rows_unchanged"] ?? 0
        counts.rejected = row["rows_rejected"] ?? 0
        counts.parked = row["rows_parked"] ?? 0
        counts.cleared = row["rows_cleared"] ?? 0
        counts.deleted = row["rows_deleted"] ?? 0
        return counts
    }
}
