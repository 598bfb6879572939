import GRDB

/// A ledger that is older than what was already told of it: a backup, or one whose last writes were lost.
///
/// Nothing that happened since may be done again: mails left, slots were served, numbers were given. What was loaded
/// since is applied anew when its file is listed again, which changes nothing where it is already there.
package struct RestoredLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Goes on above the last event that was told, if the ledger is behind it.
    ///
    /// - Parameters:
    ///   - told: The number of the last event that the status log tells.
    ///   - minute: At which slots fall.
    ///   - time: Now.
    /// - Returns: Whether it was behind.
    package func goOn(after told: Int64, minute: Int, at time: Timestamp) throws -> Bool {
        let newest = try EventQueries(ledger).last()
        guard told > newest else { return false }
        try ledger.write { db in
            let mails = try Row.fetchAll(
                db,
                sql: """
                    UPDATE mail_recipient SET state = 'dead', last_error = 'restored', settled_at = ?
                     WHERE state = 'queued' RETURNING mail_id, address
                    """,
                arguments: [time.text]
            )
            try Self.append(
                Event(
                    .daemonStarted,
                    [
                        "restored": true, "last_event": .integer(newest), "told": .integer(told),
                        "mails_dead": .integer(Int64(mails.count)),
                    ]
                ),
                as: told + 1,
                at: time,
                in: db
            )
            for mail in mails {
                let detail: KeyValuePairs<String, JSONValue?> = [
                    "mail": .integer(mail["mail_id"]), "recipient": .text(mail["address"]),
                    "reason": "restored",
                ]
                try db.append(Event(.mailDead, detail), at: time)
            }
            // What the lost part gave a number to was told by an event above it.
            try db.execute(
                sql: """
                    INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM (
                        SELECT 'run' AS name UNION SELECT 'file' UNION SELECT 'mail'
                    ) WHERE name NOT IN (SELECT name FROM sqlite_sequence);
                    UPDATE sqlite_sequence SET seq = max(seq, :told) WHERE name IN ('run', 'file', 'mail');
                    """,
                arguments: ["told": told]
            )
            try db.execute(
                sql: "INSERT INTO told (kind, subject, told_at) VALUES ('restored', ?, ?)",
                arguments: ["\(told + 1)", time.text]
            )
            // Old alerts have been sent.
            try db.execute(sql: "UPDATE cursor SET seq = (SELECT max(seq) FROM event)")
        }
        try skipSlots(minute: minute, at: time)
        return true
    }

    private func skipSlots(minute: Int, at time: Timestamp) throws {
        let slots = SlotLedger(ledger)
        guard let last = try slots.lastClosed(notAfter: time) else { return }
        let due = Schedule(minute: minute).due(at: time, after: last, servingNewest: false)
        guard let skipped = due.skipped else { return }
        try slots.skip(from: skipped.from, to: skipped.to, count: skipped.count, reason: .missed, at: time)
    }

    private static func append(_ event: Event, as seq: Int64, at time: Timestamp, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO event (seq, at, event, detail) VALUES (?, ?, ?, ?)",
            arguments: [seq, time.text, event.name.rawValue, JSONValue.json(of: event.detail)]
        )
    }
}
