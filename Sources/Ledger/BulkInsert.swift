import GRDB
import GRDBSQLite
package import Receivables

/// Writes all rows of a source into a record type's table, which is empty, by one statement.
extension LoadTransaction {
    /// A key stands in the source more than once, or is stored.
    package struct RepeatedKey: Error {}
    /// One transaction has tried out too many first loads.
    package struct TooManyAtOnce: Error {}

    /// The id that the next row of the type gets; `nil` unless the table is empty.
    package func firstID(of type: RecordType) throws -> Int64? {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \(type.table))") == false ? 1 : nil
    }

    /// - Parameters:
    ///   - source: Gives the rows as the plan says, which ascend by their ids.
    ///   - isOrdered: Whether the rows are in the order of their indexes; otherwise these are made anew afterwards.
    /// - Throws: ``RepeatedKey``, ``TooManyAtOnce``, what the source throws, or `DatabaseError`. The caller takes everything
    ///   back then.
    package func insertAll(
        by plan: RowPlan,
        in stretches: RowStretches,
        from source: any RowSource,
        isOrdered: Bool
    ) throws {
        let dropped = plan.dropped + (isOrdered ? [] : plan.sortedLater)
        let definitions = try dropped.compactMap { name in
            try String.fetchOne(
                db,
                sql: "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?",
                arguments: [name]
            )
        }
        for name in dropped { try db.execute(sql: "DROP INDEX \(RecordTables.quoted(name))") }
        let image = try RowImage(plan.schema, stretches, from: source)
        let rows = try RowImageFile.attach(image, to: db)
        do {
            try withRoom {
                try db.execute(sql: "INSERT INTO main.\(plan.table) SELECT * FROM \(rows).\(plan.table)")
            }
            for definition in definitions { try db.execute(sql: definition) }
        } catch let error as DatabaseError {
            if let failure = image.failure { throw failure }
            if error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE { throw RepeatedKey() }
            throw error
        }
    }

    /// Doubles the page cache meanwhile.
    ///
    /// A page that is changed again after it had to leave the cache is overwritten in the log, and then SQLite reads the
    /// whole log once more before the commit to make new checksums. An inner page of an index is changed for the last
    /// time when the next one fills, which is some 3,500 pages of a wide table later.
    private func withRoom(_ body: () throws -> Void) throws {
        let cache = try Int.fetchOne(db, sql: "PRAGMA main.cache_size") ?? -8192
        try db.execute(sql: "PRAGMA main.cache_size = -16384")
        defer { try? db.execute(sql: "PRAGMA main.cache_size = \(cache)") }
        try body()
    }

    /// Calls `body` with the key of each record of a type.
    package func forEachKey(of type: RecordType, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard case .single(let key) = type.identity else { return }
        let keys = try RawStatement(db, sql: "SELECT \(RecordTables.quoted(key)) FROM \(type.table)")
        defer { keys.reset() }
        while try keys.step() { try body(keys.bytes(0)) }
    }
}
