import GRDB

/// What a person decides about a single file.
package struct FileDecision: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Refuses a held file for good, with its disposal and the event that says who and why.
    ///
    /// Blocks. Returns whether the file was still held.
    package func discard(
        _ file: Int64,
        by user: String,
        because reason: String?,
        disposal: DisposalAction,
        at time: Timestamp
    ) throws -> Bool {
        try ledger.write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE file SET state = 'discarded', reason = NULL, settled_at = ?
                    WHERE file_id = ? AND state = 'held' RETURNING name, type, size, sha256, run_id
                    """,
                arguments: [time.text, file]
            )
            guard let row else { return false }
            try db.execute(
                sql: """
                    INSERT INTO disposal (file_id, action, report, next_attempt_at) VALUES (?, ?, 0, ?)
                    ON CONFLICT (file_id) DO NOTHING
                    """,
                arguments: [file, disposal.rawValue, time.text]
            )
            let event = Event(
                .fileDiscarded,
                file: file,
                [
                    "name": .text(row["name"]), "type": (row["type"] as String?).map { .text($0) },
                    "state": "discarded", "size": (row["size"] as Int64?).map { .integer($0) },
                    "sha256": (row["sha256"] as String?).map { .text($0) }, "by": .text(user),
                    "why": reason.map { .text($0) },
                ]
            )
            try db.append(event, at: time)
            return true
        }
    }

    /// The newest applied file of a type that came after this one and is no correction.
    package func newerApplied(than file: Int64, type: String) throws -> Int64? {
        try ledger.pool.read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(file_id) FROM file WHERE type = ? AND file_id > ? AND correction = 0
                       AND state IN ('loaded', 'loaded_with_errors', 'duplicate')
                    """,
                arguments: [type, file]
            )
        }
    }
}
