import GRDB

/// Who gets the mails: a list that people edit, never taken from files.
package struct RecipientLedger: Sendable {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    package struct Recipient: Sendable, Equatable {
        package var address: String
        package var addedAt: String
        package var addedBy: String
        /// The record types it gets digests about; none: all.
        package var types: [String] = []
    }

    /// The list, by address.
    package func list() throws -> [Recipient] {
        try ledger.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT address, added_at, added_by FROM recipient ORDER BY address")
                .map { row in
                    Recipient(
                        address: row["address"],
                        addedAt: row["added_at"],
                        addedBy: row["added_by"],
                        types: try String.fetchAll(
                            db,
                            sql: "SELECT type FROM recipient_type WHERE address = ? ORDER BY type",
                            arguments: [row["address"] as String]
                        )
                    )
                }
        }
    }

    /// Takes the configured list over, if the ledger has never had one.
    ///
    /// - Returns: Whether the configured list says something else than the ledger's, which counts: worth a warning.
    package func seed(_ addresses: [String], at time: Timestamp) throws -> Bool {
        try ledger.write { db in
            let alerts = AlertTransaction(db: db, time: time)
            if !addresses.isEmpty, try alerts.tellOnce("recipients", "first list") {
                for address in addresses { try alerts.addRecipient(address, by: "configuration") }
            }
            let list = try String.fetchSet(db, sql: "SELECT lower(address) FROM recipient")
            return !addresses.isEmpty && list != Set(addresses.map { $0.lowercased() })
        }
    }

    /// - Returns: Whether the address was not on the list before.
    package func add(_ address: String, by person: String, at time: Timestamp) throws -> Bool {
        try ledger.write { db in
            let alerts = AlertTransaction(db: db, time: time)
            // From now on the list is the ledger's, also when it becomes empty again.
            _ = try alerts.tellOnce("recipients", "first list")
            return try alerts.addRecipient(address, by: person)
        }
    }

    /// Sends an address digests about some record types only; none: about all.
    ///
    /// - Returns: Whether the address is on the list.
    package func subscribe(_ address: String, to types: [String], by person: String, at time: Timestamp)
        throws
        -> Bool
    {
        try ledger.write { db in
            let known = try String.fetchOne(
                db,
                sql: "SELECT address FROM recipient WHERE address = ?",
                arguments: [address]
            )
            guard let known else { return false }
            try db.execute(sql: "DELETE FROM recipient_type WHERE address = ?", arguments: [known])
            for type in Set(types).sorted() {
                try db.execute(
                    sql: "INSERT INTO recipient_type (address, type) VALUES (?, ?)",
                    arguments: [known, type]
                )
            }
            let facts: KeyValuePairs<String, JSONValue?> = [
                "changed": .text(known), "types": .list(Set(types).sorted().map { .text($0) }),
                "by": .text(person),
            ]
            try db.append(Event(.recipientsChanged, facts), at: time)
            return true
        }
    }

    /// Takes an address off the list; mails that are queued for it are still tried.
    ///
    /// - Returns: Whether the address was on the list.
    package func remove(_ address: String, by person: String, at time: Timestamp) throws -> Bool {
        try ledger.write { db in
            let alerts = AlertTransaction(db: db, time: time)
            _ = try alerts.tellOnce("recipients", "first list")
            try db.execute(sql: "DELETE FROM recipient WHERE address = ?", arguments: [address])
            guard db.changesCount > 0 else { return false }
            try db.append(
                Event(.recipientsChanged, ["removed": .text(address), "by": .text(person)]),
                at: time
            )
            return true
        }
    }
}

extension AlertTransaction {
    @discardableResult
    fileprivate func addRecipient(_ address: String, by person: String) throws -> Bool {
        try db.execute(
            sql:
                "INSERT INTO recipient (address, added_at, added_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [address, time.text, person]
        )
        guard db.changesCount == 1 else { return false }
        try db.append(Event(.recipientsChanged, ["added": .text(address), "by": .text(person)]), at: time)
        try adoptMails(address)
        return true
    }

    /// Mails that were queued for nobody go to the first on the list; those too old to matter are shown as dead.
    private func adoptMails(_ address: String) throws {
        try db.execute(
            sql: """
                INSERT INTO mail_recipient (mail_id, address, state, next_attempt_at, last_error, settled_at)
                SELECT mail_id, :address, iif(is_late, 'dead', 'queued'), :now,
                       iif(is_late, 'expired: nobody was on the list of recipients', NULL), iif(is_late, :now, NULL)
                  FROM (SELECT mail_id, queued_at <= :limit AS is_late FROM mail m
                         WHERE NOT EXISTS (SELECT 1 FROM mail_recipient r WHERE r.mail_id = m.mail_id))
                """,
            arguments: [
                "address": address, "now": time.text, "limit": time.adding(seconds: -5 * 86_400).text,
            ]
        )
    }
}
