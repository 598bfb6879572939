import GRDB
import GRDBSQLite
package import Receivables

/// Writes all rows of a source into a record type's table, which is empty, by one statement.
extension LoadTransaction {
    /// A key stands in the source more than once, or is stored.
    package struct RepeatedKey: Error {}

    /// The id that the next row of the type gets; `nil` unless the table is empty.
    package func firstID(of type: RecordType) throws -> Int64? {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \(type.table))") == false ? 1 : nil
    }

    /// - Parameters:
    ///   - columns: The columns of the values that the source gives behind each row's id, which comes first.
    ///   - dropping: Indexes that are made anew afterwards instead of row by row.
    /// - Throws: ``RepeatedKey``, what the source throws, or `DatabaseError`. The caller takes everything back then.
    package func insertAll(
        into type: RecordType,
        columns: [String],
        from source: any RowSource,
        dropping: [String]
    ) throws {
        let definitions = try dropping.compactMap { name in
            try String.fetchOne(
                db,
                sql: "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND name = ?",
                arguments: [type.table, name]
            )
        }
        if definitions.count == dropping.count {
            for name in dropping { try db.execute(sql: "DROP INDEX \(RecordTables.quoted(name))") }
        }
        let stream = try RowStream(db, source: source, width: columns.count + 1)
        defer { stream.close() }
        try withRoom { try run(type, columns, stream) }
        if definitions.count == dropping.count {
            for definition in definitions { try db.execute(sql: definition) }
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

    private func run(_ type: RecordType, _ columns: [String], _ stream: RowStream) throws {
        let names = (["id"] + columns).map(RecordTables.quoted).joined(separator: ", ")
        let values = (0...columns.count).map { "c\($0)" }.joined(separator: ", ")
        let inserting = try RawStatement(
            db,
            sql: """
                INSERT INTO \(type.table) (\(names), file_id) SELECT \(values), ? FROM \(RowStream.name)
                """
        )
        inserting.bind(file, at: 1)
        do {
            try inserting.run()
        } catch let error as DatabaseError {
            if let failure = stream.failure { throw failure }
            if error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE { throw RepeatedKey() }
            throw error
        }
    }

    /// Calls `body` with the key of each record of a type.
    package func forEachKey(of type: RecordType, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard case .single(let key) = type.identity else { return }
        let keys = try RawStatement(db, sql: "SELECT \(RecordTables.quoted(key)) FROM \(type.table)")
        defer { keys.reset() }
        while try keys.step() { try body(keys.bytes(0)) }
    }
}
