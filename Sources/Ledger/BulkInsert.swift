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
    ///   - constants: Columns that are the same in all rows, and the text there, `nil` for no value.
    ///   - dropping: Indexes that are made anew afterwards instead of row by row.
    /// - Throws: ``RepeatedKey``, what the source throws, or `DatabaseError`. The caller takes everything back then.
    package func insertAll(
        into type: RecordType,
        columns: [String],
        from source: any RowSource,
        constants: [String: String?],
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
        try withRoom { try run(type, columns, constants, stream) }
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

    /// All columns are named, in the order of the table: then SQLite builds the row where it puts what it selects, and
    /// copies nothing.
    private func run(
        _ type: RecordType,
        _ columns: [String],
        _ constants: [String: String?],
        _ stream: RowStream
    ) throws {
        var values = ["id": "c0", "file_id": "?"]
        for (column, text) in constants {
            values[column] = try String.fetchOne(db, sql: "SELECT quote(?)", arguments: [text])
        }
        for (place, column) in columns.enumerated() { values[column] = "c\(place + 1)" }
        let defaults = try Row.fetchAll(
            db,
            sql: "SELECT name, dflt_value FROM pragma_table_info(?) ORDER BY cid",
            arguments: [type.table]
        )
        let names = defaults.map { row in RecordTables.quoted(row["name"]) }
        let chosen = defaults.map { row in values[row["name"]] ?? row["dflt_value"] ?? "NULL" }
        let inserting = try RawStatement(
            db,
            sql: """
                INSERT INTO \(type.table) (\(names.joined(separator: ", ")))
                SELECT \(chosen.joined(separator: ", ")) FROM \(RowStream.name)
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
