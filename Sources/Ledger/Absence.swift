import GRDB
package import Receivables

/// What a snapshot does to the records it does not name.
extension LoadTransaction {
    /// How many records of the type are open: customers with a balance, contacts that a file owns.
    package func openCount(of type: RecordType) throws -> Int {
        try count("\(type.table) WHERE \(Self.isOpen(type))")
    }

    /// How many invoices are closed: few beside the open ones, with an index of their own.
    package func closedCount() throws -> Int { try count("invoice WHERE status = 'CLEARED'") }

    /// How many records of the type there are; looks at each of a million.
    package func storedCount(of type: RecordType) throws -> Int { try count(type.table) }

    private func count(_ rows: String) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM \(rows)")) ?? 0
    }

    /// Clears, zeroes or deletes every open record that is not in `present`.
    ///
    /// - Parameters:
    ///   - type: A snapshot type, or contacts where files are full snapshots.
    ///   - present: The rows that the file, or another of its batch, names.
    ///   - day: The slot's day, for the cleared date; `nil` to count them only.
    /// - Returns: How many records were open before and are not now.
    package func clear(_ type: RecordType, except present: Presence, day: String?) throws -> Int {
        // Only rows that the file does not name are looked at.
        let open = try RawStatement(
            db,
            sql: "SELECT \(Self.isOpen(type)) FROM \(type.table) WHERE id = ? AND \(Self.isAffected(type))"
        )
        let change = try RawStatement(db, sql: Self.change(type))
        var known = present
        if type.absence == .cleared {
            let closed = try RawStatement(db, sql: "SELECT id FROM invoice WHERE status = 'CLEARED'")
            while try closed.step() { known.insert(closed.integer(0) ?? 0) }
            closed.reset()
        }
        let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(type.table)") ?? 0
        var cleared = 0
        let dayText = Array((day ?? "").utf8)
        try known.forEachMissing(upTo: last) { id in
            if type.absence == .cleared, day != nil {
                change.bind(text: dayText, at: 1)
                change.bind(file, at: 2)
                change.bind(id, at: 3)
                try change.run()
                cleared += db.changesCount
                return
            }
            open.bind(id, at: 1)
            let isAffected = try open.step()
            // Of a customer only a balance that becomes 0 counts; a past-due balance alone is put right in silence.
            let isOpen = isAffected && open.integer(0) == 1
            open.reset()
            guard isAffected else { return }
            if isOpen { cleared += 1 }
            guard day != nil else { return }
            if type.absence == .zeroed { change.bind(file, at: 1) }
            change.bind(id, at: type.absence == .zeroed ? 2 : 1)
            try change.run()
        }
        return cleared
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

    /// `OR FAIL`: whatever goes wrong takes all of the load back, so that no statement need be able to do so alone.
    private static func change(_ type: RecordType) -> String {
        switch type.absence {
        case .cleared:
            "UPDATE OR FAIL invoice SET status = 'CLEARED', balance = 0, cleared_date = ?, file_id = ? WHERE id = ? AND status = 'OPEN'"
        case .zeroed:
            """
            UPDATE OR FAIL customer SET balance = 0, file_id = ?,
                   past_due_balance = CASE WHEN past_due_balance IS NULL THEN NULL ELSE 0 END
            WHERE id = ?
            """
        case .replacedPerOwner, .untouched:
            "DELETE FROM \(type.table) WHERE id = ?"
        }
    }
}
