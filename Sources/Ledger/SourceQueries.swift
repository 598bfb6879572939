import GRDB
package import Receivables

/// The ledger as one moment shows it, to be compared with the files that it came from.
package final class SourceQueries {
    /// A file whose rows were applied.
    package struct Applied: Sendable {
        package let id: Int64
        package let type: RecordType
        package let sha256: String
        package let rows: Int64
        /// Whether it was applied more than once, perhaps under other settings.
        package let isReplayed: Bool
    }

    private let db: Database
    private var lookups: [String: RawStatement] = [:]

    private init(_ db: Database) { self.db = db }

    /// Every file whose rows were applied and that is read as rows, oldest first.
    package func applied() throws -> [Applied] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT file_id, type, sha256, rows_total,
                       EXISTS (SELECT 1 FROM event e WHERE e.file_id = f.file_id AND e.event = 'file.replayed') AS again
                  FROM file f WHERE state IN ('loaded', 'loaded_with_errors', 'duplicate') AND sha256 IS NOT NULL
                 ORDER BY file_id
                """
        ).compactMap { row in
            let name: String = row["type"] ?? ""
            guard let type = Catalogue.type(named: name), !type.isFileOfBytes else { return nil }
            return Applied(
                id: row["file_id"],
                type: type,
                sha256: row["sha256"],
                rows: row["rows_total"],
                isReplayed: row["again"]
            )
        }
    }

    /// What some integer columns of a stored row hold, if a file was the last to change it; `nil` for any other.
    package func stored(
        _ type: RecordType,
        key: String,
        _ value: UnsafeRawBufferPointer,
        columns: [String],
        by file: Int64
    ) throws -> [Int64?]? {
        let statement = try lookup(type, key: key, columns)
        defer { statement.reset() }
        statement.bind(text: value, at: 1)
        guard try statement.step(), statement.integer(0) == file else { return nil }
        return columns.indices.map { statement.integer($0 + 1) }
    }

    private func lookup(_ type: RecordType, key: String, _ columns: [String]) throws -> RawStatement {
        if let made = lookups[type.name] { return made }
        let names = (["file_id"] + columns).map(RecordTables.quoted).joined(separator: ", ")
        let made = try RawStatement(
            db,
            sql: "SELECT \(names) FROM \(type.table) WHERE \(RecordTables.quoted(key)) = ?"
        )
        lookups[type.name] = made
        return made
    }

    /// Asks a ledger as of one moment.
    package static func ask<Value>(_ ledger: Ledger, _ body: (SourceQueries) throws -> Value) throws -> Value
    {
        try ledger.pool.read { db in try body(SourceQueries(db)) }
    }
}
