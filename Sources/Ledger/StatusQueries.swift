import GRDB

/// What an operator with two minutes wants to know.
package struct StatusQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// One look at everything, in one transaction.
    package struct Overview: Sendable {
        /// The newest run that was not skipped.
        package var lastRun: RunRow?
        /// When a run last finished.
        package var lastFinishedAt: String?
        /// The newest run that took a listing.
        package var lastListing: RunRow?
        package var held: [FileRow] = []
        /// What the guard said of each held file: the detail of its event, by file.
        package var holds: [Int64: String] = [:]
        /// When a file of each type was last applied.
        package var lastApplied: [String: String] = [:]
        /// The newest file of each type that was taken.
        package var lastFiles: [FileRow] = []
        package var incidents: [IncidentRow] = []
        package var waitingFiles: Int64 = 0
        package var parkedRows: Int64 = 0
        package var disposalsPending: Int64 = 0
        package var mailsQueued: Int64 = 0
        package var mailsDead: Int64 = 0
        package var recipients: [String] = []
        package var pins: Int64 = 0
    }

    package func overview() throws -> Overview {
        try ledger.pool.read { db in
            var overview = Overview()
            overview.lastRun = try Row.fetchOne(
                db,
                sql: "SELECT * FROM run WHERE state <> 'skipped' ORDER BY run_id DESC LIMIT 1"
            ).map(RunRow.init)
            overview.lastListing = try Self.lastListing(db)
            overview.lastFinishedAt = try String.fetchOne(
                db,
                sql: "SELECT max(finished_at) FROM run WHERE state = 'finished'"
            )
            overview.held = try Row.fetchAll(
                db,
                sql: "SELECT * FROM file WHERE state = 'held' ORDER BY file_id"
            )
            .map(FileRow.init)
            for file in overview.held {
                overview.holds[file.id] = try String.fetchOne(
                    db,
                    sql: """
                        SELECT detail FROM event WHERE file_id = ? AND event = 'file.held' ORDER BY seq DESC LIMIT 1
                        """,
                    arguments: [file.id]
                )
            }
            for type in try Self.types(db) {
                overview.lastApplied[type] = try String.fetchOne(
                    db,
                    sql: """
                        SELECT settled_at FROM file
                         WHERE type = ? AND state IN ('loaded', 'loaded_with_errors', 'duplicate')
                         ORDER BY settled_at DESC LIMIT 1
                        """,
                    arguments: [type]
                )
                overview.lastFiles += try Row.fetchAll(
                    db,
                    sql: """
                        SELECT * FROM file WHERE type = ? AND state NOT IN ('ignored', 'waiting')
                         ORDER BY file_id DESC LIMIT 1
                        """,
                    arguments: [type]
                ).map(FileRow.init)
            }
            overview.incidents = try Row.fetchAll(
                db,
                sql:
                    "SELECT kind, subject, opened_at FROM incident WHERE recovered_at IS NULL ORDER BY incident_id"
            ).map { IncidentRow(kind: $0["kind"], subject: $0["subject"], openedAt: $0["opened_at"]) }
            try count(db, into: &overview)
            return overview
        }
    }

    /// The types that files have; one step in the index for each, however many files there are.
    private static func types(_ db: Database) throws -> [String] {
        var types: [String] = []
        while let next = try String.fetchOne(
            db,
            sql: "SELECT type FROM file WHERE type > ? ORDER BY type LIMIT 1",
            arguments: [types.last ?? ""]
        ) { types.append(next) }
        return types
    }

    /// The newest run that took a listing; `nil` before the first.
    package func lastListing() throws -> RunRow? {
        try ledger.pool.read(Self.lastListing)
    }

    private static func lastListing(_ db: Database) throws -> RunRow? {
        try Row.fetchOne(db, sql: "SELECT * FROM run WHERE listed IS NOT NULL ORDER BY run_id DESC LIMIT 1")
            .map(RunRow.init)
    }

    /// The addresses that are told, in order.
    package func recipients() throws -> [String] {
        try ledger.pool.read { db in
            try String.fetchAll(db, sql: "SELECT address FROM recipient ORDER BY address")
        }
    }

    private func count(_ db: Database, into overview: inout Overview) throws {
        func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
        overview.waitingFiles = try number("SELECT count(*) FROM file WHERE state = 'waiting' AND gone = 0")
        overview.parkedRows = try number("SELECT count(*) FROM parked_row")
        overview.disposalsPending = try number("SELECT count(*) FROM disposal WHERE done_at IS NULL")
        overview.mailsQueued = try number("SELECT count(*) FROM mail_queue WHERE state = 'queued'")
        overview.mailsDead = try number("SELECT count(*) FROM mail_queue WHERE state = 'dead'")
        overview.recipients = try String.fetchAll(db, sql: "SELECT address FROM recipient ORDER BY address")
        overview.pins = try number("SELECT count(*) FROM host_key")
    }
}

/// A run, as people are shown it.
package struct RunRow: Sendable {
    package let id: Int64
    package let slot: String
    package let trigger: String
    package let state: String
    package let reason: String?
    package let startedAt: String
    package let finishedAt: String?
    package let listed: Int64?
    package let batched: Int64?
    package let waiting: Int64?
    package let settled: Int64?
    package let ignored: Int64?

    init(row: Row) {
        id = row["run_id"]
        slot = row["slot"]
        trigger = row["trigger"]
        state = row["state"]
        reason = row["reason"]
        startedAt = row["started_at"]
        finishedAt = row["finished_at"]
        listed = row["listed"]
        batched = row["batched"]
        waiting = row["waiting"]
        settled = row["settled"]
        ignored = row["ignored"]
    }
}

/// A condition that lasts.
package struct IncidentRow: Sendable {
    package let kind: String
    package let subject: String
    package let openedAt: String

    package init(kind: String, subject: String, openedAt: String) {
        self.kind = kind
        self.subject = subject
        self.openedAt = openedAt
    }
}
