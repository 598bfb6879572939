import GRDB
package import Receivables

/// The set of contacts or lines that belongs to one owner.
extension LoadTransaction {
    /// The stored rows of a set that a file may remove: their ids, and the source of contacts.
    package func ownedRows(_ type: RecordType, owner: String) throws -> [(id: Int64, source: String?)] {
        let column = type.ownerColumn
        let source = type.table == "contact" ? "source" : "NULL"
        let condition = type.table == "contact" ? "AND source <> 'product'" : ""
        return try Row.fetchAll(
            db,
            sql:
                "SELECT id, \(source) AS source FROM \(type.table) WHERE \(column) = ? \(condition) ORDER BY id",
            arguments: [owner]
        ).map { ($0["id"], $0["source"]) }
    }

    package func delete(_ type: RecordType, id: Int64) throws {
        try db.execute(sql: "DELETE FROM \(type.table) WHERE id = ?", arguments: [id])
    }

    /// The sum of the stored lines of a payment or credit memo, in its minor units.
    package func sumOfLines(_ type: RecordType, owner: String) throws -> Int64 {
        let sum = try db.cachedStatement(
            sql: "SELECT coalesce(sum(amount), 0) FROM \(type.table) WHERE \(type.ownerColumn) = ?"
        )
        return try Int64.fetchOne(sum, arguments: [owner]) ?? 0
    }

    /// Notes that lines were loaded for a payment or credit memo: from now on what is left of it is recomputed.
    ///
    /// - Returns: Whether it was the first time.
    package func noteLines(ownerTable: String, key: String, owner: String) throws -> Bool {
        try db.execute(
            sql: "UPDATE \(ownerTable) SET lines_loaded = 1 WHERE \(key) = ? AND lines_loaded IS NULL",
            arguments: [owner]
        )
        return db.changesCount > 0
    }

    /// Removes all lines of a voided payment or credit memo.
    ///
    /// - Returns: How many.
    package func deleteLines(_ type: RecordType, owner: FieldValue) throws -> Int {
        let deleting = try RawStatement(db, sql: "DELETE FROM \(type.table) WHERE \(type.ownerColumn) = ?")
        deleting.bind(owner, at: 1)
        try deleting.run()
        return db.changesCount
    }

    /// The contact of this owner that is primary now.
    package func primaryContact(of owner: [UInt8]) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: "SELECT id FROM contact WHERE owner = ? AND is_primary = 1",
            arguments: [String(decoding: owner, as: UTF8.self)]
        )
    }

    /// At most one contact of an owner is primary: this one.
    package func makeOnlyPrimary(contact id: Int64, of owner: [UInt8]) throws {
        try db.execute(
            sql:
                "UPDATE contact SET is_primary = 0, file_id = ? WHERE owner = ? AND is_primary = 1 AND id <> ?",
            arguments: [file, String(decoding: owner, as: UTF8.self), id]
        )
    }
}

extension RecordType {
    /// The column of the type's table that says whose a row is.
    package var ownerColumn: String { table == "contact" ? "owner" : identity.owners.first ?? "id" }
}
