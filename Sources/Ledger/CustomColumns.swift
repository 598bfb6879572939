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
            db,
            sql: "SELECT name FROM custom_column WHERE type = ? AND normalised = ?",
            arguments: [type, normalised]
        )
        return (stored ?? name, false)
    }

    /// Whether there are users, so that an address can be that of nobody.
    package func hasUsers() throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM user)") ?? false
    }

    package func isUser(_ email: String) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM user WHERE email = ?)", arguments: [email])
            ?? false
    }

    /// Whether another invoice of the same subsidiary has the number of this stored invoice.
    package func isNumberTaken(byOtherThan invoice: String) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM invoice me JOIN invoice other ON other.invoice_number = me.invoice_number
                                WHERE me.invoice_id = ? AND other.id <> me.id
                                  AND other.subsidiary_id IS me.subsidiary_id)
                """,
            arguments: [invoice]
        ) ?? false
    }
}
