import GRDB

/// What happened, in order, for whoever tells it on.
package struct EventQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The events after one, oldest first, at most `limit` of them.
    package func after(_ seq: Int64, limit: Int) throws -> [StoredEvent] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT seq, at, event, run_id, file_id, detail FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                arguments: [seq, limit]
            ).map(StoredEvent.init)
        }
    }

    /// The events of one file, oldest first.
    package func of(file: Int64) throws -> [StoredEvent] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT seq, at, event, run_id, file_id, detail FROM event WHERE file_id = ? ORDER BY seq",
                arguments: [file]
            ).map(StoredEvent.init)
        }
    }

    /// The events with which a restored ledger went on above what had been told before it.
    package func restorations() throws -> [Int64] {
        try ledger.pool.read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT seq FROM event WHERE event = ? AND coalesce(detail ->> 'restored', 0) ORDER BY seq
                    """,
                arguments: [EventName.daemonStarted.rawValue]
            )
        }
    }

    /// The number of the newest event; 0 before the first.
    package func last() throws -> Int64 {
        try ledger.pool.read { db in try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0 }
    }
}

/// An event as the ledger keeps it.
package struct StoredEvent: Sendable, Equatable {
    package let seq: Int64
    /// RFC 3339, UTC, milliseconds.
    package let at: String
    package let event: String
    package let run: Int64?
    package let file: Int64?
    /// One JSON object on one line.
    package let detail: String

    package init(
        seq: Int64,
        at: String,
        event: String,
        run: Int64? = nil,
        file: Int64? = nil,
        detail: String = "{}"
    ) {
        self.seq = seq
        self.at = at
        self.event = event
        self.run = run
        self.file = file
        self.detail = detail
    }

    init(row: Row) {
        self.init(
            seq: row["seq"],
            at: row["at"],
            event: row["event"],
            run: row["run_id"],
            file: row["file_id"],
            detail: row["detail"]
        )
    }

    package var level: EventName.Level { EventName(rawValue: event)?.level ?? .notice }
}
