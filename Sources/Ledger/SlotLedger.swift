import GRDB

/// The hours that are closed: those that were served, and those that were skipped and told.
package struct SlotLedger: Sendable {
    /// Why slots did not run.
    package enum SkipReason: String, Sendable {
        /// The daemon was down.
        case missed
        /// The run before took longer than an hour.
        case overrun
        /// Another daemon held the lease.
        case leaseHeld = "lease_held"
    }

    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The newest slot, not after a time, that was served or skipped; `nil` before the first.
    package func lastClosed(notAfter time: Timestamp) throws -> Timestamp? {
        try ledger.pool.read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT max(min(coalesce(slot_to, slot), :time)) FROM run
                    WHERE trigger IN ('slot', 'catch_up') AND slot <= :time
                    """,
                arguments: ["time": time.textInSeconds]
            ).flatMap(Timestamp.init)
        }
    }

    /// When a daemon was first started on this ledger; `nil` if never.
    package func firstStart() throws -> Timestamp? {
        try ledger.pool.read { db in
            try String.fetchOne(
                db,
                sql: "SELECT at FROM event WHERE event = ? ORDER BY seq LIMIT 1",
                arguments: [EventName.daemonStarted.rawValue]
            ).flatMap(Timestamp.init)
        }
    }

    /// Records slots that do not run, as one row and one event.
    ///
    /// Slots that follow the last skipped ones within an hour, for the same reason, only extend their row.
    package func skip(
        from: Timestamp,
        to: Timestamp,
        count: Int64,
        reason: SkipReason,
        at time: Timestamp
    ) throws {
        try ledger.write { db in
            try db.execute(
                sql: """
                    UPDATE run SET slot_to = ?, slot_count = slot_count + ?, finished_at = ?
                    WHERE state = 'skipped' AND reason = ? AND slot_to >= ?
                      AND run_id = (SELECT max(run_id) FROM run)
                    """,
                arguments: [
                    to.textInSeconds, count, time.text, reason.rawValue,
                    from.adding(seconds: -3600).textInSeconds,
                ]
            )
            guard db.changesCount == 0 else { return }
            try db.execute(
                sql: """
                    INSERT INTO run (slot, slot_to, slot_count, trigger, state, stage, reason, started_at, finished_at)
                    VALUES (?, ?, ?, 'slot', 'skipped', 'done', ?, ?, ?)
                    """,
                arguments: [
                    from.textInSeconds, to.textInSeconds, count, reason.rawValue, time.text, time.text,
                ]
            )
            try db.append(
                Event(
                    .runSkipped,
                    run: db.lastInsertedRowID,
                    [
                        "state": "skipped", "reason": .text(reason.rawValue),
                        "from": .text(from.textInSeconds), "to": .text(to.textInSeconds),
                        "count": .integer(count),
                    ]
                ),
                at: time
            )
        }
    }
}
