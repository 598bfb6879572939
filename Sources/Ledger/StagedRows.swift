import Foundation
import GRDB

/// Rows of one file set aside in a temporary table until they can be taken in another order than the file's:
/// set by set for contacts and lines, parents first for subsidiaries.
///
/// On disk, so that memory does not grow with the file.
package final class StagedRows {
    /// A row set aside.
    package struct Member: Sendable {
        package var place: RecordPlace
        package var key: [UInt8]
        /// The record as decoded, without its line end.
        package var bytes: [UInt8]
        /// How many rows of the file have this owner; 2 stands for more.
        package var ownerRows: Int
        /// How many rows of the file have this owner and key.
        package var copies: Int
        /// The other records with this owner and key, a few at most.
        package var twins: [Int64]
        /// The first of them.
        package var firstRecord: Int64
        /// Whether all of them are the same bytes.
        package var areIdentical: Bool
    }

    private let db: Database
    private let inserting: RawStatement

    init(_ db: Database) throws {
        self.db = db
        try db.execute(sql: "DELETE FROM temp.staged")
        inserting = try RawStatement(
            db,
            sql:
                "INSERT INTO temp.staged (owner, key, record, line, byte_offset, bytes) VALUES (?, ?, ?, ?, ?, ?)"
        )
    }

    package func append(
        owner: [UInt8],
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
    }

    /// Calls `body` for each owner once, in the order of the owners' first rows' bytes.
    package func forEachOwner(_ body: ([UInt8]) throws -> Void) throws {
        let following = try db.makeStatement(sql: "SELECT min(owner) FROM temp.staged WHERE owner > ?")
        // No owner is empty.
        var last = Data()
        while let next = try Data.fetchOne(following, arguments: [last]) {
            try body(Array(next))
            last = next
        }
    }

    /// Calls `body` for each row of an owner, in file order.
    package func forEachMember(of owner: [UInt8], _ body: (Member) throws -> Void) throws {
        var last: Int64 = -1
        while true {
            let members = try db.cachedStatement(
                sql: """
                    SELECT record, line, byte_offset, key, bytes,
                           (SELECT count(*) FROM (SELECT 1 FROM temp.staged t WHERE t.owner = s.owner LIMIT 2)) AS siblings,
                           (SELECT count(*) FROM temp.staged t WHERE t.owner = s.owner AND t.key = s.key) AS copies,
                           (SELECT min(record) FROM temp.staged t WHERE t.owner = s.owner AND t.key = s.key) AS first,
                           NOT EXISTS (SELECT 1 FROM temp.staged t
                                        WHERE t.owner = s.owner AND t.key = s.key AND t.bytes <> s.bytes) AS identical
                      FROM temp.staged s WHERE owner = ? AND record > ? ORDER BY record LIMIT 500
                    """
            )
            let page = try Row.fetchAll(members, arguments: [Data(owner), last])
            for row in page { try body(try member(row, owner: owner)) }
            guard page.count == 500, let record = page.last?["record"] as Int64? else { return }
            last = record
        }
    }

    private func member(_ row: Row, owner: [UInt8]) throws -> Member {
        let key = row["key"] as Data
        let record: Int64 = row["record"]
        let copies: Int = row["copies"]
        let isIdentical: Bool = row["identical"]
        let twins =
            copies > 1 && !isIdentical
            ? try Int64.fetchAll(
                db,
                sql:
                    "SELECT record FROM temp.staged WHERE owner = ? AND key = ? AND record <> ? ORDER BY record LIMIT 11",
                arguments: [Data(owner), key, record]
            ) : []
        return Member(
            place: RecordPlace(record: record, line: row["line"], byteOffset: row["byte_offset"]),
            key: Array(key),
            bytes: Array(row["bytes"] as Data),
            ownerRows: row["siblings"],
            copies: copies,
            twins: twins,
            firstRecord: row["first"],
            areIdentical: isIdentical
        )
    }

    /// Forgets all rows.
    package func clear() throws {
        try db.execute(sql: "DELETE FROM temp.staged")
    }
}

extension LoadTransaction {
    package func stageRows() throws -> StagedRows { try StagedRows(db) }
}
