import GRDB

/// Which record types came in time: what was seen of them, and what was told.
package struct ArrivalLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// One look at what arrivals are judged by.
    package struct Look: Sendable {
        /// What was remembered, by type.
        package var remembered: [String: Arrival] = [:]
        /// What has come, by type.
        package var facts: [String: ArrivalFacts] = [:]
        /// Whether a run is at work, which may be about to load what is waited for.
        package var isRunning = false
    }

    /// The types that are expected, as they stood at the daemon's last look, by name.
    package func all() throws -> [Arrival] {
        try ledger.pool.read { db in try Self.remembered(db) }
    }

    /// Looks at some types, and at what is remembered of all.
    package func look(at types: [String]) throws -> Look {
        try ledger.pool.read { db in
            var look = Look()
            for arrival in try Self.remembered(db) { look.remembered[arrival.type] = arrival }
            for type in types { look.facts[type] = try Self.facts(db, of: type) }
            look.isRunning =
                try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE state = 'running')")
                ?? false
            return look
        }
    }

    /// Remembers how types stand now, forgets others, and tells what changed, all in one transaction.
    package func record(
        _ arrivals: [Arrival],
        forgetting forgotten: [String],
        telling events: [Event],
        at time: Timestamp
    ) async throws {
        try await ledger.asyncWrite { db in
            for type in forgotten {
                try db.execute(sql: "DELETE FROM arrival WHERE type = ?", arguments: [type])
            }
            for arrival in arrivals { try Self.remember(arrival, db) }
            for event in events { try db.append(event, at: time) }
        }
    }

    private static func remember(_ arrival: Arrival, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO arrival
                    (type, state, since, expected, counts_from, due_at, missing_at, last_loaded_at, stopped_file)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                arrival.type, arrival.state.rawValue, arrival.since.text, arrival.expected,
                arrival.countsFrom.text, arrival.dueAt?.text, arrival.missingAt?.text,
                arrival.lastLoadedAt?.text, arrival.stopped?.id,
            ]
        )
    }

    static func remembered(_ db: Database) throws -> [Arrival] {
        // A ledger that only older versions have opened has no such table.
        guard try db.tableExists("arrival") else { return [] }
        return try Row.fetchAll(
            db,
            sql: """
                SELECT a.*, f.name AS stopped_name, f.state AS stopped_state
                  FROM arrival a LEFT JOIN file f ON f.file_id = a.stopped_file ORDER BY a.type
                """
        ).compactMap(Arrival.init)
    }

    private static func facts(_ db: Database, of type: String) throws -> ArrivalFacts {
        let loaded = try String.fetchOne(
            db,
            sql: """
                SELECT max(CASE WHEN attempt > 1 THEN coalesce(
                               (SELECT min(e.at) FROM event e WHERE e.file_id = newest.file_id AND e.event IN
                                    ('file.loaded', 'file.loaded_with_errors', 'file.duplicate')), settled_at)
                           ELSE settled_at END)
                  FROM (SELECT file_id, attempt, settled_at FROM file
                         WHERE type = ? AND state IN ('loaded', 'loaded_with_errors', 'duplicate')
                           AND correction = 0 ORDER BY settled_at DESC LIMIT 200) newest
                """,
            arguments: [type]
        ).flatMap { Timestamp($0) }
        // A failed file is settled; one that is held has but been received.
        let stopped = try Row.fetchOne(
            db,
            sql: """
                SELECT file_id, name, state FROM file
                 WHERE type = :type AND settled_at > :loaded AND state = 'failed'
                UNION ALL
                SELECT file_id, name, state FROM file
                 WHERE type = :type AND received_at > :loaded AND state = 'held'
                 ORDER BY file_id DESC LIMIT 1
                """,
            arguments: ["type": type, "loaded": loaded?.text ?? ""]
        ).map { StoppedFile(id: $0["file_id"], name: $0["name"], state: $0["state"]) }
        return ArrivalFacts(lastLoadedAt: loaded, stopped: stopped)
    }
}

extension Arrival {
    fileprivate init?(_ row: Row) {
        func time(_ column: String) -> Timestamp? { (row[column] as String?).flatMap { Timestamp($0) } }
        guard let state = ArrivalState(rawValue: row["state"]), let since = time("since"),
            let countsFrom = time("counts_from")
        else { return nil }
        self.init(
            type: row["type"],
            state: state,
            since: since,
            expected: row["expected"],
            countsFrom: countsFrom,
            dueAt: time("due_at"),
            missingAt: time("missing_at"),
            lastLoadedAt: time("last_loaded_at")
        )
        guard let file = row["stopped_file"] as Int64?, let name = row["stopped_name"] as String?,
            let state = row["stopped_state"] as String?
        else { return }
        stopped = StoppedFile(id: file, name: name, state: state)
    }
}
