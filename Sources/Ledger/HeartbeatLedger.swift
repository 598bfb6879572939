import GRDB

/// Whether the outside world hears our heartbeat: an outage is told once, however long it lasts.
package struct HeartbeatLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Tells that nobody takes our heartbeat, unless that was told and has not ended.
    ///
    /// `reason` must not hold the address.
    package func noteFailure(_ reason: String, at time: Timestamp) async throws {
        try await ledger.asyncWrite { db in
            try db.execute(
                sql: """
                    INSERT INTO told (kind, subject, told_at) VALUES ('heartbeat', 'outage', ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [time.text]
            )
            guard db.changesCount == 1 else { return }
            try db.append(Event(.heartbeatFailed, ["reason": .text(reason)]), at: time)
        }
    }

    /// Ends an outage, if there is one.
    package func noteSuccess() async throws {
        let isOut = try await ledger.pool.read { db in
            try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM told WHERE kind = 'heartbeat' AND subject = 'outage')"
            ) ?? false
        }
        guard isOut else { return }
        try await ledger.asyncWrite { db in
            try db.execute(sql: "DELETE FROM told WHERE kind = 'heartbeat' AND subject = 'outage'")
        }
    }
}
