import GRDB

extension LoadTransaction {
    /// The spelling under which a custom column is stored: that of the first file that had it.
    ///
    /// - Returns: The name, and whether the column is new.
    package func customColumn(type: String, normalised: String, name: String) throws -> (
        name: String, isNew: Bool
    ) {
        try db.execute(
            sql: """
                INSERT INTO custom_column (type, normalised, name, file_id) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
            arguments: [type, normalised, name, file]
        )
        if db.changesCount > 0 { return (name, true) }
        let stored = try String.fetchOne(
            db.cachedStatement(sql: "SELECT name FROM custom_column WHERE type = ? AND normalised = ?"),
            arguments: [type, normalised]
        )
        return (stored ?? name, false)
    }

    /// Whether there are users, so that an address can be that of nobody.
    package func hasUsers() throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM user)")
        ) ?? false
    }

    package func isUser(_ email: String) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM user WHERE email = ?)", arguments: [email])
            ?? false
    }

    /// A probe for invoices with the same number.
    package func numberProbe() throws -> NumberProbe { try NumberProbe(db) }
}

/// Asks whether another invoice of the same subsidiary has the number of a stored invoice.
package final class NumberProbe {
    private let statement: RawStatement
    private let ofValues: RawStatement

    init(_ db: Database) throws {
        ofValues = try RawStatement(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM invoice WHERE invoice_number = ? AND id <> ? AND subsidiary_id IS ?)
                """
        )
        statement = try RawStatement(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM invoice me JOIN invoice other ON other.invoice_number = me.invoice_number
                                WHERE me.id = ? AND other.id <> me.id
                                  AND other.subsidiary_id IS me.subsidiary_id)
                """
        )
    }

    /// - Parameter invoice: The row of a stored invoice.
    package func isTaken(byOtherThan invoice: Int64) throws -> Bool {
        defer { statement.reset() }
        statement.bind(invoice, at: 1)
        return try statement.step() && statement.integer(0) == 1
    }

    /// The same where its number and subsidiary are at hand: the index of numbers answers alone.
    package func isTaken(
        byOtherThan invoice: Int64,
        number: UnsafeRawBufferPointer,
        subsidiary: UnsafeRawBufferPointer
    ) throws -> Bool {
        defer { ofValues.reset() }
        ofValues.bind(text: number, at: 1)
        ofValues.bind(invoice, at: 2)
        ofValues.bind(text: subsidiary, at: 3)
        return try ofValues.step() && ofValues.integer(0) == 1
    }
}
