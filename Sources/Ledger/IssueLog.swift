import GRDB
package import Receivables

/// Where in a file a row stands.
package struct RecordPlace: Sendable, Equatable {
    /// The record's number from 1, as a spreadsheet counts.
    package var record: Int64
    /// The physical line on which it starts, from 1.
    package var line: Int64
    /// Where it starts in the file as it was sent.
    package var byteOffset: Int64

    package init(record: Int64, line: Int64, byteOffset: Int64) {
        self.record = record
        self.line = line
        self.byteOffset = byteOffset
    }
}

/// Writes the findings of one file as they come, and counts them by code.
///
/// Messages may hold cell values; they stay in the ledger.
package final class IssueLog {
    private let inserting: Statement
    private let file: Int64
    /// How often each code was found as an error.
    package internal(set) var errors: [IssueCode: Int] = [:]
    /// How often each code was found as a warning.
    package internal(set) var warnings: [IssueCode: Int] = [:]

    init(_ db: Database, file: Int64) throws {
        self.file = file
        inserting = try db.cachedStatement(
            sql: """
                INSERT INTO row_issue (file_id, record, line, byte_offset, severity, code, column_name, message)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
    }

    package var warningCount: Int { warnings.values.reduce(0, +) }

    /// - Parameters:
    ///   - issue: What was found.
    ///   - place: The row; `nil` for the file as a whole.
    ///   - column: The column, where one is meant.
    ///   - byteOffset: The byte at fault, where it is known more exactly than the row.
    package func append(
        _ issue: Finding,
        at place: RecordPlace? = nil,
        column: String? = nil,
        byteOffset: Int64? = nil
    ) throws {
        let shown = place.map { RowPlace(record: Int($0.record), line: Int($0.line), column: column) }
        try inserting.execute(arguments: [
            file, place?.record, place?.line, byteOffset ?? place?.byteOffset, issue.severity.rawValue,
            issue.code.rawValue, column, issue.message(at: shown),
        ])
        switch issue.severity {
        case .error: errors[issue.code, default: 0] += 1
        case .warning: warnings[issue.code, default: 0] += 1
        }
    }

    /// What was counted so far, to return to when the rows behind it are taken back.
    var counts: (errors: [IssueCode: Int], warnings: [IssueCode: Int]) {
        get { (errors, warnings) }
        set { (errors, warnings) = newValue }
    }
}

extension IssueLog {
    /// The newest finding of all files; 0 before the first.
    static func last(in db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT coalesce(max(rowid), 0) FROM row_issue")
        ) ?? 0
    }
}
