import GRDB

/// Where a page of findings begins.
package struct IssueCursor: Sendable, Equatable {
    /// The record of the last finding shown; `nil` for one about the file as a whole.
    package var record: Int64?
    /// Its place in the ledger.
    package var row: Int64

    package init(record: Int64?, row: Int64) {
        self.record = record
        self.row = row
    }

    /// `88.1201`, or `-.17` for a finding about the whole file.
    package var text: String { "\(record.map(String.init) ?? "-").\(row)" }

    /// Reads ``text``; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let row = Int64(parts[1]), row >= 0 else { return nil }
        if parts[0] == "-" {
            self.init(record: nil, row: row)
        } else if let record = Int64(parts[0]), record >= 0 {
            self.init(record: record, row: row)
        } else {
            return nil
        }
    }
}

/// The findings of a file in pages, in the order of its rows.
package struct IssuePages: Sendable {
    /// A finding and where it stands.
    package struct Entry: Sendable {
        package var issue: IssueRow
        package var cursor: IssueCursor
        /// Whether its row waits for its parent instead of being rejected.
        package var isParked: Bool
    }

    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The findings behind one, at most `limit`; `nil` begins with those about the file as a whole.
    ///
    /// - Throws: `DatabaseError`.
    package func issues(of file: Int64, after cursor: IssueCursor? = nil, limit: Int) throws -> [Entry] {
        try ledger.pool.read { db in
            var entries: [Entry] = []
            if cursor?.record == nil {
                entries += try fetch(
                    db,
                    "record IS NULL AND rowid > ?",
                    [file, cursor?.row ?? 0, limit]
                )
            }
            if entries.count < limit {
                let record = cursor?.record ?? -1
                let row = cursor?.record == nil ? 0 : cursor?.row ?? 0
                let rest = limit - entries.count
                entries += try fetch(db, "record = ? AND rowid > ?", [file, record, row, rest])
                if entries.count < limit {
                    entries += try fetch(db, "record > ?", [file, record, limit - entries.count])
                }
            }
            return entries
        }
    }

    private func fetch(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> [Entry]
    {
        try Row.fetchAll(
            db,
            sql: """
                SELECT rowid AS place, line, record, severity, code, column_name, message,
                       EXISTS (SELECT 1 FROM parked_row p WHERE p.file_id = i.file_id AND p.record = i.record) AS parked
                  FROM row_issue i WHERE file_id = ? AND \(condition) ORDER BY record, rowid LIMIT ?
                """,
            arguments: arguments
        ).map { row in
            Entry(
                issue: IssueRow(row: row),
                cursor: IssueCursor(record: row["record"], row: row["place"]),
                isParked: row["parked"]
            )
        }
    }
}
