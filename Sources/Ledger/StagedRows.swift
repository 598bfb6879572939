import Foundation
import GRDB

/// Rows of one file set aside in a temporary table until they can be taken in set by set.
///
/// For sets so large that they must not be taken into memory; ``PartedRows`` is much quicker for all others.
package final class StagedRows {
    /// A row set aside.
    package struct Member: Sendable {
        package var place: RecordPlace
        /// The record as decoded, without its line end.
        package var bytes: [UInt8]
        /// Whether the file has other rows of this owner.
        package var hasSiblings: Bool
        /// Whether it has other rows of this owner and key.
        package var isRepeated: Bool
        /// The other records with this owner and key, a few at most; none for rows of the same bytes.
        package var twins: [Int64]
        /// The first of all of them.
        package var firstRecord: Int64
        package var lastRecord: Int64
        /// Whether all of them are the same bytes.
        package var areIdentical: Bool
    }

    private let db: Database
    private let inserting: RawStatement
    private let counting: RawStatement

    init(_ db: Database) throws {
        self.db = db
        try db.execute(sql: "DELETE FROM temp.staged; DELETE FROM temp.staged_key;")
        inserting = try RawStatement(
            db,
            sql:
                "INSERT INTO temp.staged (owner, key, record, line, byte_offset, bytes) VALUES (?, ?, ?, ?, ?, ?)"
        )
        counting = try RawStatement(
            db,
            sql: """
                INSERT INTO temp.staged_key (owner, key, record, last_record, bytes) VALUES (?1, ?2, ?3, ?3, ?4)
                ON CONFLICT DO UPDATE SET is_repeated = 1, last_record = excluded.last_record,
                                          is_differing = is_differing OR bytes <> excluded.bytes
                """
        )
    }

    package func append(
        owner: UnsafeRawBufferPointer,
        key: [UInt8],
        at place: RecordPlace,
        bytes: UnsafeRawBufferPointer
    ) throws {
        inserting.bind(blob: owner, at: 1)
        inserting.bind(blob: key, at: 2)
        inserting.bind(place.record, at: 3)
        inserting.bind(place.line, at: 4)
        inserting.bind(place.byteOffset, at: 5)
        inserting.bind(blob: bytes, at: 6)
        try inserting.run()
        counting.bind(blob: owner, at: 1)
        counting.bind(blob: key, at: 2)
        counting.bind(place.record, at: 3)
        counting.bind(blob: bytes, at: 4)
        try counting.run()
    }

    /// Calls `body` for each owner once, in the order of their bytes.
    package func forEachOwner(_ body: ([UInt8]) throws -> Void) throws {
        let following = try db.cachedStatement(sql: "SELECT min(owner) FROM temp.staged WHERE owner > ?")
        // No owner is empty.
        var last = Data()
        while let next = try Data.fetchOne(following, arguments: [last]) {
            try body(Array(next))
            last = next
        }
    }

    /// Calls `body` for each row of an owner, in file order.
    package func forEachMember(of owner: UnsafeRawBufferPointer, _ body: (Member) throws -> Void) throws {
        let owner = Data(owner)
        var last: Int64 = -1
        while true {
            let members = try db.cachedStatement(
                sql: """
                    SELECT s.record, s.line, s.byte_offset, s.key, s.bytes, k.record AS first, k.last_record, k.is_repeated, k.is_differing,
                           EXISTS (SELECT 1 FROM temp.staged t WHERE t.owner = s.owner AND t.record <> s.record) AS siblings
                      FROM temp.staged s JOIN temp.staged_key k ON k.owner = s.owner AND k.key = s.key
                     WHERE s.owner = ? AND s.record > ? ORDER BY s.record LIMIT 500
                    """
            )
            let page = try Row.fetchAll(members, arguments: [owner, last])
            for row in page { try body(try member(row, owner: owner)) }
            guard page.count == 500, let record = page.last?["record"] as Int64? else { return }
            last = record
        }
    }

    private func member(_ row: Row, owner: Data) throws -> Member {
        let record: Int64 = row["record"]
        let isDiffering: Bool = row["is_differing"]
        let twins =
            isDiffering
            ? try Int64.fetchAll(
                db,
                sql:
                    "SELECT record FROM temp.staged WHERE owner = ? AND key = ? AND record <> ? ORDER BY record LIMIT 11",
                arguments: [owner, row["key"] as Data, record]
            ) : []
        return Member(
            place: RecordPlace(record: record, line: row["line"], byteOffset: row["byte_offset"]),
            bytes: Array(row["bytes"] as Data),
            hasSiblings: row["siblings"],
            isRepeated: row["is_repeated"],
            twins: twins,
            firstRecord: row["first"],
            lastRecord: row["last_record"],
            areIdentical: !isDiffering
        )
    }

    /// Forgets all rows.
    package func clear() throws {
        try db.execute(sql: "DELETE FROM temp.staged; DELETE FROM temp.staged_key;")
    }
}

extension LoadTransaction {
    package func stageRows() throws -> StagedRows { try StagedRows(db) }
}
