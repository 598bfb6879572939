import GRDB
package import Receivables

/// What a snapshot does to the records it does not name.
extension LoadTransaction {
    /// How many records of the type are open: OPEN invoices, customers with a balance, contacts that a file owns.
    package func openCount(of type: RecordType) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM \(type.table) WHERE \(Self.isOpen(type))") ?? 0
    }

    /// Clears, zeroes or deletes every open record that is not in `present`.
    ///
    /// - Parameters:
    ///   - type: A snapshot type, or contacts where files are full snapshots.
    ///   - present: The rows that the file, or another of its batch, names.
    ///   - day: The slot's day, for the cleared date.
    /// - Returns: How many records were open before and are not now.
    package func clear(_ type: RecordType, except present: Presence, day: String) throws -> Int {
        let open = try RawStatement(
            db,
            sql:
                "SELECT id FROM \(type.table) WHERE \(Self.isAffected(type)) AND id > ? ORDER BY id LIMIT 4096"
        )
        let change = try RawStatement(db, sql: Self.change(type))
        var cleared = 0
        var last: Int64 = -1
        while true {
            var page: [Int64] = []
            open.bind(last, at: 1)
            while try open.step() { page.append(open.integer(0) ?? 0) }
            open.reset()
            guard let end = page.last else { return cleared }
            last = end
            for id in page where !present.contains(id) {
                if type.absence == .cleared {
                    change.bind(text: Array(day.utf8), at: 1)
                    change.bind(file, at: 2)
                    change.bind(id, at: 3)
                    try change.run()
                    cleared += 1
                } else if type.absence == .zeroed {
                    // Only a balance that becomes 0 counts; a past-due balance alone is put right in silence.
                    let hadBalance = try Bool.fetchOne(
                        db,
                        sql: "SELECT balance <> 0 FROM customer WHERE id = ?",
                        arguments: [id]
                    )
                    change.bind(file, at: 1)
                    change.bind(id, at: 2)
                    try change.run()
                    if hadBalance == true { cleared += 1 }
                } else {
                    change.bind(id, at: 1)
                    try change.run()
                    cleared += 1
                }
            }
        }
    }

    private static func isOpen(_ type: RecordType) -> String {
        switch type.absence {
        case .cleared: "status = 'OPEN'"
        case .zeroed: "balance <> 0"
        case .replacedPerOwner where type.table == "contact": "source <> 'product'"
        case .replacedPerOwner, .untouched: "0"
        }
    }

    private static func isAffected(_ type: RecordType) -> String {
        type.absence == .zeroed ? "(balance <> 0 OR coalesce(past_due_balance, 0) <> 0)" : isOpen(type)
    }

    private static func change(_ type: RecordType) -> String {
        switch type.absence {
        case .cleared:
            "UPDATE invoice SET status = 'CLEARED', balance = 0, cleared_date = ?, file_id = ? WHERE id = ?"
        case .zeroed:
            """
            UPDATE customer SET balance = 0, file_id = ?,
                   past_due_balance = CASE WHEN past_due_balance IS NULL THEN NULL ELSE 0 END
            WHERE id = ?
            """
        case .replacedPerOwner, .untouched:
            "DELETE FROM \(type.table) WHERE id = ?"
        }
    }
}
