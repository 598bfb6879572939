import GRDB

/// The host keys that a person has accepted for this drop.
package struct HostKeyLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// A host key that is trusted.
    package struct Pin: Sendable, Equatable {
        /// `ssh-ed25519 SHA256:…` or `SHA256:…`.
        package let pin: String
        package let acceptedAt: String
        package let acceptedBy: String
        /// The last day, `YYYY-MM-DD`, on which it counts.
        package let notAfter: String?
    }

    /// Every pin there is, also those whose time has passed.
    package func all() throws -> [Pin] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT pin, accepted_at, accepted_by, not_after FROM host_key ORDER BY pin"
            )
            .map {
                Pin(
                    pin: $0["pin"],
                    acceptedAt: $0["accepted_at"],
                    acceptedBy: $0["accepted_by"],
                    notAfter: $0["not_after"]
                )
            }
        }
    }

    /// Trusts a key from now on.
    ///
    /// Returns whether that was news; accepting a pin again with the same last day is not.
    package func accept(_ pin: String, by user: String, notAfter: String?, at time: Timestamp) throws -> Bool
    {
        try ledger.write { db in
            let known = try Row.fetchOne(
                db,
                sql: "SELECT not_after FROM host_key WHERE pin = ?",
                arguments: [pin]
            )
            if let known, known["not_after"] as String? == notAfter { return false }
            try db.execute(
                sql: """
                    INSERT INTO host_key (pin, accepted_at, accepted_by, not_after) VALUES (?, ?, ?, ?)
                    ON CONFLICT (pin) DO UPDATE SET accepted_at = excluded.accepted_at,
                        accepted_by = excluded.accepted_by, not_after = excluded.not_after
                    """,
                arguments: [pin, time.text, user, notAfter]
            )
            let event = Event(
                .hostKeyAccepted,
                ["pin": .text(pin), "user": .text(user), "not_after": notAfter.map { .text($0) }]
            )
            try db.append(event, at: time)
            return true
        }
    }
}
