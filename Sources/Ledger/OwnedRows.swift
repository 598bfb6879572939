import GRDB
package import Receivables

/// The stored sets of contacts or lines, owner by owner.
///
/// The statements are prepared once: they run for every owner in a file.
package final class OwnedRows {
    /// A stored row of an owner.
    package struct Stored: Sendable {
        package var id: Int64
        /// Whether it was made in the product, so that no file removes it.
        package var isProducts: Bool
        /// What it takes of its owner's amount; 0 for less than nothing.
        package var amount: Int64
    }

    /// Whether the table had no rows, so that no owner in the file has any.
    package let isFresh: Bool
    private let db: Database
    private let file: Int64
    private let table: String
    /// The definition of the index that is made anew afterwards instead of row by row.
    private var dropped: String?
    private let listing: RawStatement
    private let sourcing: RawStatement?
    private let summing: RawStatement?
    private let deleting: RawStatement
    private let noting: RawStatement?
    private let demoting: RawStatement?

    init(_ db: Database, _ type: RecordType, file: Int64) throws {
        self.db = db
        self.file = file
        table = type.table
        isFresh =
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT NOT EXISTS (SELECT 1 FROM \(type.table))")
            ) ?? false
        let isContact = type.table == "contact"
        let shown = isContact ? "source = 'product', 0" : "0, max(amount, 0)"
        listing = try RawStatement(
            db,
            sql: "SELECT id, \(shown) FROM \(type.table) WHERE \(type.ownerColumn) = ?"
        )
        sourcing = isContact ? try RawStatement(db, sql: "SELECT source FROM contact WHERE id = ?") : nil
        summing =
            isContact
            ? nil
            : try RawStatement(
                db,
                sql: "SELECT coalesce(sum(amount), 0) FROM \(type.table) WHERE \(type.ownerColumn) = ?"
            )
        deleting = try RawStatement(db, sql: "DELETE FROM \(type.table) WHERE id = ?")
        demoting =
            isContact
            ? try RawStatement(
                db,
                sql:
                    "UPDATE contact SET is_primary = 0, file_id = ? WHERE owner = ? AND is_primary = 1 AND id <> ?"
            ) : nil
        if !isContact, let key = type.identity.owners.first,
            let owner = type.reference(from: key).flatMap({ Catalogue.type(named: $0.target) })
        {
            noting = try RawStatement(
                db,
                sql: "UPDATE \(owner.table) SET lines_loaded = 1 WHERE \(key) = ? AND lines_loaded IS NULL"
            )
        } else {
            noting = nil
        }
    }

    /// Lets the index of a fresh table go while many rows are written; nothing is looked up in the meantime.
    package func dropIndex() throws {
        guard isFresh, try !isSummed else { return }
        let name = "\(table)_by_owner"
        dropped = try String.fetchOne(
            db,
            sql: "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?",
            arguments: [name]
        )
        if dropped != nil { try db.execute(sql: "DROP INDEX \(name)") }
    }

    /// Whether lines are added up while they are written: for a balance that was compared, of an owner whose lines were
    /// all removed.
    private var isSummed: Bool {
        get throws {
            guard let credit = BalanceTriggers.Credit.all.first(where: { $0.lines == table }) else {
                return false
            }
            return try Bool.fetchOne(
                db,
                sql: """
                    SELECT (SELECT \(credit.table) FROM reckoning) > 0
                           AND EXISTS (SELECT 1 FROM \(credit.table) WHERE lines_loaded = 1)
                    """
            ) ?? false
        }
    }

    /// Makes the index that was dropped.
    package func restoreIndex() throws {
        guard let definition = dropped else { return }
        // The sorter takes as much memory as the cache may.
        let cache = try Int.fetchOne(db, sql: "PRAGMA main.cache_size") ?? -8192
        try db.execute(sql: "PRAGMA shrink_memory; PRAGMA main.cache_size = -2048;")
        defer { try? db.execute(sql: "PRAGMA main.cache_size = \(cache)") }
        try db.execute(sql: definition)
        dropped = nil
    }

    /// Reads the stored rows of an owner.
    package func read(of owner: UnsafeRawBufferPointer, into rows: inout [Stored]) throws {
        rows.removeAll(keepingCapacity: true)
        guard !isFresh else { return }
        defer { listing.reset() }
        listing.bind(text: owner, at: 1)
        while try listing.step() {
            rows.append(
                Stored(
                    id: listing.integer(0) ?? 0,
                    isProducts: listing.integer(1) == 1,
                    amount: listing.integer(2) ?? 0
                )
            )
        }
    }

    /// Where a contact comes from: the file type and the header of its address's column; `nil` for lines.
    package func source(of id: Int64) throws -> String? {
        guard let sourcing else { return nil }
        defer { sourcing.reset() }
        sourcing.bind(id, at: 1)
        return try sourcing.step() ? sourcing.text(0) : nil
    }

    package func delete(_ id: Int64) throws {
        deleting.bind(id, at: 1)
        try deleting.run()
    }

    /// The sum of the stored lines of a payment or credit memo, in its minor units.
    package func sum(of owner: UnsafeRawBufferPointer) throws -> Int64 {
        guard let summing else { return 0 }
        defer { summing.reset() }
        summing.bind(text: owner, at: 1)
        return try summing.step() ? summing.integer(0) ?? 0 : 0
    }

    /// Notes that lines were loaded for a payment or credit memo: from now on what is left of it is recomputed.
    ///
    /// - Returns: Whether it was the first time.
    package func noteLines(of owner: UnsafeRawBufferPointer) throws -> Bool {
        guard let noting else { return false }
        noting.bind(text: owner, at: 1)
        try noting.run()
        return db.changesCount > 0
    }

    /// At most one contact of an owner is primary: this one.
    package func makeOnlyPrimary(contact id: Int64, of owner: UnsafeRawBufferPointer) throws {
        guard let demoting else { return }
        demoting.bind(file, at: 1)
        demoting.bind(text: owner, at: 2)
        demoting.bind(id, at: 3)
        try demoting.run()
    }

    /// The contact of this owner that is primary now.
    package func primaryContact(of owner: UnsafeRawBufferPointer) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: "SELECT id FROM contact WHERE owner = ? AND is_primary = 1",
            arguments: [String(decoding: owner, as: UTF8.self)]
        )
    }
}

extension LoadTransaction {
    package func ownedRows(_ type: RecordType) throws -> OwnedRows { try OwnedRows(db, type, file: file) }

    /// The sum of the stored lines of a payment or credit memo, in its minor units.
    package func sumOfLines(_ type: RecordType, owner: String) throws -> Int64 {
        let sum = try db.cachedStatement(
            sql: "SELECT coalesce(sum(amount), 0) FROM \(type.table) WHERE \(type.ownerColumn) = ?"
        )
        return try Int64.fetchOne(sum, arguments: [owner]) ?? 0
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
}

extension RecordType {
    /// The column of the type's table that says whose a row is.
    package var ownerColumn: String { table == "contact" ? "owner" : identity.owners.first ?? "id" }
}
