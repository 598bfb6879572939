import Foundation
import GRDB

/// What an error report is made from.
package struct ReportLedger: Sendable {
    /// A file whose rows were read.
    package struct Facts: Sendable {
        package var state: FileState
        package var sha256: String?
        /// The header record as it stood in the file; `nil` when none was found.
        package var header: [UInt8]?
        package var delimiter: UInt8?
    }

    /// Why one record is not applied.
    package struct Reasons: Sendable, Equatable {
        /// The number of the record; `nil` for the file as a whole.
        package var record: Int64?
        package var codes: [String] = []
        package var messages: [String] = []
    }

    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// What is known of a file; `nil` when there is none of that id.
    package func facts(of file: Int64) throws -> Facts? {
        try ledger.pool.read { db in
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT state, sha256, header, delimiter FROM file WHERE file_id = ?",
                    arguments: [file]
                ), let state = FileState(rawValue: row["state"])
            else { return nil }
            return Facts(
                state: state,
                sha256: row["sha256"],
                header: (row["header"] as Data?).map { Array($0) },
                delimiter: (row["delimiter"] as String?)?.utf8.first
            )
        }
    }

    /// All reasons for which a file is refused as a whole, together; `nil` when it has no error.
    package func reasons(forWhole file: Int64) throws -> Reasons? {
        try ledger.pool.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT code, message FROM row_issue WHERE file_id = ? AND severity = 'error'
                    ORDER BY rowid LIMIT 100
                    """,
                arguments: [file]
            )
            guard !rows.isEmpty else { return nil }
            return Reasons(record: nil, codes: rows.map { $0["code"] }, messages: rows.map { $0["message"] })
        }
    }

    /// The next records with errors behind one, in the order of the file; at most about `limit` findings.
    package func reasons(for file: Int64, after record: Int64, limit: Int) throws -> [Reasons] {
        try ledger.pool.read { db in
            // Whole records only: the last one is taken to its end.
            let last = try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(record) FROM (
                        SELECT record FROM row_issue
                         WHERE file_id = ? AND severity = 'error' AND record > ? ORDER BY record LIMIT ?)
                    """,
                arguments: [file, record, limit]
            )
            guard let last else { return [] }
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT record, code, message FROM row_issue
                     WHERE file_id = ? AND severity = 'error' AND record > ? AND record <= ?
                     ORDER BY record, rowid
                    """,
                arguments: [file, record, last]
            )
            var found: [Reasons] = []
            while let row = try rows.next() {
                let number: Int64 = row["record"]
                if found.last?.record != number { found.append(Reasons(record: number)) }
                found[found.count - 1].codes.append(row["code"])
                found[found.count - 1].messages.append(row["message"])
            }
            return found
        }
    }
}
