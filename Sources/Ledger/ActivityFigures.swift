import GRDB

/// What the last days brought, and what waits.
package struct ActivityFigures: Sendable, Equatable {
    /// The files of one day, by the day on which they were settled, in UTC.
    package struct OfDay: Sendable, Equatable {
        /// `YYYY-MM-DD`.
        package var day: String
        package var files: Int64 = 0
        /// Those of them that failed, were held or had rejected rows.
        package var troubled: Int64 = 0
        package var rows: Int64 = 0
        package var rejected: Int64 = 0

        package init(day: String, files: Int64 = 0, troubled: Int64 = 0, rows: Int64 = 0, rejected: Int64 = 0)
        {
            self.day = day
            self.files = files
            self.troubled = troubled
            self.rows = rows
            self.rejected = rejected
        }
    }

    /// How often an error was found.
    package struct OfCode: Sendable, Equatable {
        package var code: String
        package var count: Int64

        package init(code: String, count: Int64) {
            self.code = code
            self.count = count
        }
    }

    /// The mails that are under way.
    package struct Mails: Sendable, Equatable {
        package var queued: Int64 = 0
        package var sent: Int64 = 0
        package var dead: Int64 = 0
        /// Since when the oldest is queued.
        package var oldestQueuedAt: String?

        package init() {}
    }

    /// Oldest first; each day stands there, also one on which nothing came.
    package var days: [OfDay] = []
    /// The errors in the files of those days, the most frequent first.
    package var rejects: [OfCode] = []
    package var mails = Mails()
    package var parkedRows: Int64 = 0
    package var disposalsPending: Int64 = 0

    package init() {}
}

/// Counts what the last days brought; it reads many rows, so it is no question for a request.
package struct ActivityFigureQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The figures of so many days up to now.
    ///
    /// - Throws: `DatabaseError`.
    package func figures(days: Int, now: Timestamp) throws -> ActivityFigures {
        let names = (0..<days).reversed().map { day in
            String(now.adding(seconds: -86_400 * Int64(day)).text.prefix(10))
        }
        let first = names.first ?? ""
        return try ledger.pool.read { db in
            var figures = ActivityFigures()
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT substr(settled_at, 1, 10) AS day, count(*) AS files,
                           sum(state IN ('failed', 'loaded_with_errors', 'discarded', 'superseded')) AS troubled,
                           total(rows_total) AS rows, total(rows_rejected) AS rejected
                      FROM file WHERE settled_at >= ? AND state <> 'waiting' GROUP BY 1
                    """,
                arguments: [first]
            ).map { row in
                ActivityFigures.OfDay(
                    day: row["day"],
                    files: row["files"],
                    troubled: row["troubled"],
                    rows: Int64(row["rows"] as Double),
                    rejected: Int64(row["rejected"] as Double)
                )
            }
            let found = Dictionary(rows.map { ($0.day, $0) }) { first, _ in first }
            figures.days = names.map { found[$0] ?? ActivityFigures.OfDay(day: $0) }
            figures.rejects = try Row.fetchAll(
                db,
                sql: """
                    SELECT i.code, count(*) AS count FROM file f CROSS JOIN row_issue i ON i.file_id = f.file_id
                     WHERE f.settled_at >= ? AND (f.rows_rejected > 0 OR f.rows_parked > 0 OR f.state = 'failed')
                       AND i.severity = 'error'
                     GROUP BY i.code ORDER BY count DESC, i.code
                    """,
                arguments: [first]
            ).map { ActivityFigures.OfCode(code: $0["code"], count: $0["count"]) }
            figures.mails = try Self.mails(in: db)
            figures.parkedRows = try Int64.fetchOne(db, sql: "SELECT count(*) FROM parked_row") ?? 0
            figures.disposalsPending =
                try Int64.fetchOne(db, sql: "SELECT count(*) FROM disposal WHERE done_at IS NULL") ?? 0
            return figures
        }
    }

    /// Each mail counts once, as the view `mail_queue` has it.
    private static func mails(in db: Database) throws -> ActivityFigures.Mails {
        var mails = ActivityFigures.Mails()
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT total(queued > 0) AS queued, total(queued = 0 AND dead > 0) AS dead,
                       total(queued = 0 AND dead = 0) AS sent
                  FROM (SELECT sum(state = 'queued') AS queued, sum(state = 'dead') AS dead
                          FROM mail_recipient GROUP BY mail_id)
                """
        )
        mails.queued = Int64((row?["queued"] as Double?) ?? 0)
        mails.dead = Int64((row?["dead"] as Double?) ?? 0)
        mails.sent = Int64((row?["sent"] as Double?) ?? 0)
        mails.oldestQueuedAt = try String.fetchOne(
            db,
            sql: """
                SELECT min(m.queued_at) FROM mail_recipient r JOIN mail m USING (mail_id) WHERE r.state = 'queued'
                """
        )
        return mails
    }

    /// Whether an event after that one tells of rows that were written, and the newest event.
    package func news(after seq: Int64) throws -> (hasRows: Bool, last: Int64) {
        try ledger.pool.read { db in
            let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
            let hasRows = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM event WHERE seq > ? AND event IN
                                   ('file.loaded', 'file.loaded_with_errors', 'rows.healed'))
                    """,
                arguments: [seq]
            )
            return (hasRows ?? true, last)
        }
    }
}
