import GRDB
package import Receivables

/// Asks whether a key is stored, again and again.
package final class KeyProbe {
    private let statement: RawStatement
    // Children of one parent tend to stand together.
    private var lastKey: [UInt8] = []
    private var lastID: Int64?
    private var hasLast = false

    /// - Parameter columns: Further columns that are shown of a found row.
    init(_ db: Database, table: String, key: String, columns: [String] = []) throws {
        let shown = (["id"] + columns).map(RecordTables.quoted).joined(separator: ", ")
        statement = try RawStatement(
            db,
            sql: "SELECT \(shown) FROM \(table) WHERE \(RecordTables.quoted(key)) = ?"
        )
    }

    /// - Returns: The row's id, or `nil` when no row has this key.
    package func id(of key: UnsafeRawBufferPointer) throws -> Int64? {
        if hasLast, lastKey.elementsEqual(key) { return lastID }
        statement.reset()
        statement.bind(text: key, at: 1)
        lastID = try statement.step() ? statement.integer(0) : nil
        lastKey.replaceSubrange(lastKey.indices, with: key)
        hasLast = true
        return lastID
    }

    /// A text of the row last asked for, counted from 0 among `columns`.
    package func text(_ column: Int) -> String? { lastID == nil ? nil : statement.text(column + 1) }

    /// An integer of the row last asked for.
    package func integer(_ column: Int) -> Int64? { lastID == nil ? nil : statement.integer(column + 1) }

    /// Forgets the last answer, because rows have come since.
    package func forget() {
        hasLast = false
        statement.reset()
    }
}

extension LoadTransaction {
    /// A probe for the single key of a type.
    package func probe(_ type: RecordType, columns: [String] = []) throws -> KeyProbe? {
        guard case .single(let key) = type.identity else { return nil }
        return try KeyProbe(db, table: type.table, key: key, columns: columns)
    }
}
