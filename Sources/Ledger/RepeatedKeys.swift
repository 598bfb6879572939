import Foundation
import GRDB

/// The keys that stand in a file more than once, found by an exact look at the rows whose key hashes met.
package final class RepeatedKeys {
    /// What is known of a repeated key.
    package struct Repetition: Sendable {
        package var firstRecord: Int64
        package var lastRecord: Int64
        package var count: Int
        /// Whether all its rows are the same bytes.
        package var areIdentical: Bool
    }

    private let db: Database
    private let adding: RawStatement

    init(_ db: Database) throws {
        self.db = db
        try db.execute(sql: "DELETE FROM temp.repeated")
        adding = try RawStatement(db, sql: "INSERT INTO temp.repeated (key, record, bytes) VALUES (?, ?, ?)")
    }

    package func add(key: UnsafeRawBufferPointer, record: Int64, bytes: UnsafeRawBufferPointer) throws {
        adding.bind(blob: key, at: 1)
        adding.bind(record, at: 2)
        adding.bind(blob: bytes, at: 3)
        try adding.run()
    }

    /// Call once, after the last row was added.
    package func close() throws {
        try db.execute(
            sql: """
                DELETE FROM temp.repeated WHERE key IN (SELECT key FROM temp.repeated GROUP BY key HAVING count(*) = 1)
                """
        )
    }

    /// - Returns: `nil` when the key stands in the file once.
    package func repetition(of key: UnsafeRawBufferPointer) throws -> Repetition? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT min(record) AS first, max(record) AS last, count(*) AS count,
                       NOT EXISTS (SELECT 1 FROM temp.repeated a
                                     JOIN (SELECT bytes FROM temp.repeated WHERE key = :key ORDER BY record LIMIT 1) b
                                    WHERE a.key = :key AND a.bytes <> b.bytes) AS identical
                  FROM temp.repeated WHERE key = :key
                """,
            arguments: ["key": Data(key)]
        )
        guard let row, row["count"] as Int > 1 else { return nil }
        return Repetition(
            firstRecord: row["first"],
            lastRecord: row["last"],
            count: row["count"],
            areIdentical: row["identical"]
        )
    }

    /// Other records with this key, a few at most.
    package func twins(of key: UnsafeRawBufferPointer, except record: Int64) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: "SELECT record FROM temp.repeated WHERE key = ? AND record <> ? ORDER BY record LIMIT 11",
            arguments: [Data(key), record]
        )
    }
}

extension LoadTransaction {
    package func repeatedKeys() throws -> RepeatedKeys { try RepeatedKeys(db) }
}
