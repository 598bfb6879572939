import GRDB

/// One transaction of the alerts: the events that were read, the mails queued for them and how far the reading came
/// stand or fall together.
package struct AlertTransaction {
    let db: Database
    package let time: Timestamp
}

extension Ledger {
    /// Works on the alerts in one transaction, without blocking the caller's thread while a load holds the ledger.
    ///
    /// Throws what `body` throws, ``LedgerFailure/leaseLost`` when another process tells and sends now, or
    /// `DatabaseError`; then nothing was changed.
    package func alert<Result: Sendable>(
        at time: Timestamp,
        _ body: @escaping @Sendable (AlertTransaction) throws -> Result
    ) async throws -> Result {
        try await asyncWrite { db in try body(AlertTransaction(db: db, time: time)) }
    }
}

/// An event, with the little of its detail that alerts are decided by.
package struct AlertEvent: Sendable, Equatable {
    package var seq: Int64
    package var name: EventName
    package var run: Int64?
    package var file: Int64?
    package var type: String?
    package var reason: String?
    /// The other daemon that it is about.
    package var owner: String?
    /// Whether the file's header has a name that looks like a native column.
    package var hasNearMiss = false

    package init(
        seq: Int64,
        name: EventName,
        run: Int64? = nil,
        file: Int64? = nil,
        type: String? = nil,
        reason: String? = nil,
        owner: String? = nil,
        hasNearMiss: Bool = false
    ) {
        self.seq = seq
        self.name = name
        self.run = run
        self.file = file
        self.type = type
        self.reason = reason
        self.owner = owner
        self.hasNearMiss = hasNearMiss
    }
}

extension AlertTransaction {
    /// The number of the newest event; 0 before the first.
    package func newestEvent() throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
    }

    /// How far a projection has come; 0 before its first event.
    package func cursor(_ name: String) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT seq FROM cursor WHERE name = ?", arguments: [name]) ?? 0
    }

    package func setCursor(_ name: String, to seq: Int64) throws {
        try db.execute(
            sql: """
                INSERT INTO cursor (name, seq) VALUES (:name, :seq)
                ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE seq <> excluded.seq
                """,
            arguments: ["name": name, "seq": seq]
        )
    }

    /// Hands over the events of some names in their order, one at a time: those behind `first` and up to `last`.
    package func events(
        after first: Int64,
        through last: Int64,
        of names: [EventName],
        limit: Int? = nil,
        _ note: (AlertEvent) throws -> Void
    ) throws {
        var arguments: StatementArguments = [first, last]
        arguments += StatementArguments(names.map(\.rawValue))
        arguments += [limit ?? -1]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT seq, event, run_id, file_id,
                       json_extract(detail, '$.type') AS type, json_extract(detail, '$.reason') AS reason,
                       json_extract(detail, '$.owner') AS owner,
                       coalesce(json_array_length(detail, '$.near_miss'), 0) > 0
                         OR coalesce(json_extract(detail, '$.warning_codes.near_miss_column'), 0) > 0 AS near_miss
                  FROM event
                 WHERE seq > ? AND seq <= ? AND event IN (\(databaseQuestionMarks(count: names.count)))
                 ORDER BY seq LIMIT ?
                """,
            arguments: arguments
        )
        while let row = try rows.next() {
            guard let name = EventName(rawValue: row["event"]) else { continue }
            try note(
                AlertEvent(
                    seq: row["seq"],
                    name: name,
                    run: row["run_id"],
                    file: row["file_id"],
                    type: row["type"],
                    reason: row["reason"],
                    owner: row["owner"],
                    hasNearMiss: row["near_miss"]
                )
            )
        }
    }

    /// The plain values of an event's detail, in their order; lists and objects are left out.
    package func plainDetail(of seq: Int64) throws -> [(key: String, value: String)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT each.key AS name, CAST(each.value AS TEXT) AS value FROM event, json_each(event.detail) each
                WHERE event.seq = ? AND each.type IN ('text', 'integer')
                """,
            arguments: [seq]
        ).map { row in (row["name"], row["value"]) }
    }

    /// Whether a run has begun and not ended, interrupted ones included.
    package func isRunInProgress() throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM run WHERE state IN ('running', 'interrupted'))"
        ) ?? false
    }

    /// Whether this is told for the first time; it never is again.
    package func tellOnce(_ kind: String, _ subject: String) throws -> Bool {
        try db.execute(
            sql: "INSERT INTO told (kind, subject, told_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [kind, subject, time.text]
        )
        return db.changesCount == 1
    }
}
