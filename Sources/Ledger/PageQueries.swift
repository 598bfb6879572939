import GRDB

/// A mail of the queue, as people are shown it; the columns of the view `mail_queue`.
package struct MailRow: Sendable {
    package let id: Int64
    package let kind: String
    package let subject: String
    package let recipients: String?
    package let state: String
    package let attempts: Int64?
    package let nextAttemptAt: String?
    package let lastError: String?

    init(row: Row) {
        id = row["mail_id"]
        kind = row["kind"]
        subject = row["subject"]
        recipients = row["recipients"]
        state = row["state"]
        attempts = row["attempts"]
        nextAttemptAt = row["next_attempt_at"]
        lastError = row["last_error"]
    }
}

/// What the page asks at each request: a few rows by their ids, whatever the ledger holds.
package struct PageQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// How the last runs went.
    package struct LastRuns: Sendable {
        /// The newest run that was not skipped.
        package var newest: RunRow?
        /// The newest that finished.
        package var finished: RunRow?
        package var incidents: [IncidentRow] = []
    }

    package func lastRuns() throws -> LastRuns {
        try ledger.pool.read { db in
            var last = LastRuns()
            last.newest = try Row.fetchOne(
                db,
                sql: "SELECT * FROM run WHERE state <> 'skipped' ORDER BY run_id DESC LIMIT 1"
            ).map(RunRow.init)
            last.finished = try Row.fetchOne(
                db,
                sql: "SELECT * FROM run WHERE state = 'finished' ORDER BY run_id DESC LIMIT 1"
            ).map(RunRow.init)
            last.incidents = try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, subject, opened_at FROM incident WHERE recovered_at IS NULL
                    ORDER BY incident_id DESC LIMIT 50
                    """
            ).map { IncidentRow(kind: $0["kind"], subject: $0["subject"], openedAt: $0["opened_at"]) }
            return last
        }
    }

    /// Runs below an id, the newest first.
    package func runs(before id: Int64 = .max, limit: Int) throws -> [RunRow] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM run WHERE run_id < ? ORDER BY run_id DESC LIMIT ?",
                arguments: [id, limit]
            ).map(RunRow.init)
        }
    }

    /// The run of an id.
    package func run(_ id: Int64) throws -> RunRow? {
        try ledger.pool.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM run WHERE run_id = ?", arguments: [id]).map(RunRow.init)
        }
    }

    /// Mails below an id, the newest first.
    package func mails(before id: Int64 = .max, limit: Int) throws -> [MailRow] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM mail_queue WHERE mail_id < ? ORDER BY mail_id DESC LIMIT ?",
                arguments: [id, limit]
            ).map(MailRow.init)
        }
    }

    /// What the guard said of a held file: the detail of its newest event; `nil` for one that was never held.
    package func hold(of file: Int64) throws -> String? {
        try ledger.pool.read { db in
            try String.fetchOne(
                db,
                sql:
                    "SELECT detail FROM event WHERE file_id = ? AND event = 'file.held' ORDER BY seq DESC LIMIT 1",
                arguments: [file]
            )
        }
    }
}
