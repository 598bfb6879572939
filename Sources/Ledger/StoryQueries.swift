import GRDB
import Receivables

/// Everything the ledger knows about one file, for people who ask why it is where it is.
package struct FileStory: Sendable {
    /// A digest that tells of the file.
    package struct Mail: Sendable {
        package var id: Int64
        package var recipients: [Recipient] = []
    }

    package struct Recipient: Sendable {
        package var address: String
        /// `queued`, `sent` or `dead`.
        package var state: String
        /// When it was queued or, once that is over, when it was sent or given up.
        package var at: String
        /// When it is tried next, while it is queued.
        package var nextAttemptAt: String?
    }

    /// What is still to be done on the server.
    package struct Disposal: Sendable {
        package var action: DisposalAction
        package var attempts: Int64
        package var nextAttemptAt: String
    }

    /// Findings about rows, as codes.
    package struct Findings: Sendable {
        /// The first of them, in the order of the file.
        package var first: [IssueRow] = []
        /// How many there are.
        package var count: Int64 = 0
    }

    package var file: FileRow
    /// Oldest first.
    package var events: [StoredEvent] = []
    /// The runs that had to do with it, by id.
    package var runs: [Int64: RunRow] = [:]
    /// When those runs committed their plans.
    package var planned: [Int64: String] = [:]
    package var disposal: Disposal?
    /// Oldest first.
    package var mails: [Mail] = []
    /// Rows that are not applied.
    package var rejected = Findings()
    /// Rows that wait for their parent.
    package var parked = Findings()
    /// Why the file as a whole is refused, where nothing of a cell stands in it.
    package var refusals: [String] = []
    /// How often each warning was found.
    package var warnings: [(code: String, count: Int64)] = []
    /// The first findings of all kinds, in the order of the file.
    package var issues: [IssueRow] = []
}

/// Reads the stories of files.
package struct StoryQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The story of a file, as one transaction shows it.
    ///
    /// `issueLimit`: How many findings are read at most, of each kind.
    ///
    /// - Throws: `DatabaseError`.
    package func story(of file: FileRow, issueLimit: Int) throws -> FileStory {
        try ledger.pool.read { db in
            var story = try Self.outline(of: file, in: db)
            story.rejected = try Self.findings(of: file.id, areParked: false, limit: issueLimit, in: db)
            story.parked = try Self.findings(of: file.id, areParked: true, limit: issueLimit, in: db)
            story.issues = try FileQueries.issues(of: file.id, limit: issueLimit, in: db)
            story.refusals = try Row.fetchAll(
                db,
                sql: """
                    SELECT code, message FROM row_issue
                    WHERE file_id = ? AND record IS NULL AND severity = 'error' ORDER BY rowid LIMIT ?
                    """,
                arguments: [file.id, issueLimit]
            ).filter { IssueCode(rawValue: $0["code"])?.isFitForMail == true }.map { $0["message"] }
            story.warnings = try Row.fetchAll(
                db,
                sql: """
                    SELECT code, count(*) AS count FROM row_issue WHERE file_id = ? AND severity = 'warning'
                    GROUP BY code ORDER BY code
                    """,
                arguments: [file.id]
            ).map { ($0["code"], $0["count"]) }
            return story
        }
    }

    /// What happened to a file, without what was found in its rows.
    ///
    /// - Throws: `DatabaseError`.
    package func outline(of file: FileRow) throws -> FileStory {
        try ledger.pool.read { db in try Self.outline(of: file, in: db) }
    }

    private static func outline(of file: FileRow, in db: Database) throws -> FileStory {
        var story = FileStory(file: file)
        story.events = try Row.fetchAll(
            db,
            sql: """
                SELECT seq, at, event, run_id, file_id, detail FROM event WHERE file_id = ? ORDER BY seq
                """,
            arguments: [file.id]
        ).map(StoredEvent.init)
        for id in Set(story.events.compactMap(\.run) + [file.run].compactMap(\.self)) {
            story.runs[id] = try Row.fetchOne(
                db,
                sql: "SELECT * FROM run WHERE run_id = ?",
                arguments: [id]
            ).map(RunRow.init)
            story.planned[id] = try String.fetchOne(
                db,
                sql: "SELECT max(at) FROM event WHERE run_id = ? AND event = 'run.planned'",
                arguments: [id]
            )
        }
        story.disposal = try disposal(of: file.id, in: db)
        story.mails = try mails(about: file, in: db)
        return story
    }

    private static func findings(of file: Int64, areParked: Bool, limit: Int, in db: Database) throws
        -> FileStory.Findings
    {
        let rows = """
            FROM row_issue i WHERE file_id = :file AND severity = 'error' AND record IS NOT NULL
            AND EXISTS (SELECT 1 FROM parked_row p WHERE p.file_id = i.file_id AND p.record = i.record) = :parked
            """
        let arguments: StatementArguments = ["file": file, "parked": areParked]
        return FileStory.Findings(
            first: try Row.fetchAll(
                db,
                sql: "SELECT i.* \(rows) ORDER BY record, rowid LIMIT :limit",
                arguments: arguments + ["limit": limit]
            ).map(IssueRow.init),
            count: try Int64.fetchOne(db, sql: "SELECT count(*) \(rows)", arguments: arguments) ?? 0
        )
    }

    private static func disposal(of file: Int64, in db: Database) throws -> FileStory.Disposal? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT action, attempts, next_attempt_at FROM disposal
                WHERE file_id = ? AND done_at IS NULL AND action <> 'leave'
                """,
            arguments: [file]
        )
        guard let row, let action = DisposalAction(rawValue: row["action"]) else { return nil }
        return FileStory.Disposal(
            action: action,
            attempts: row["attempts"],
            nextAttemptAt: row["next_attempt_at"]
        )
    }

    /// The digests that name the file, and those of the runs in which something of it went wrong: a long digest does
    /// not name them all.
    private static func mails(about file: FileRow, in db: Database) throws -> [FileStory.Mail] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT m.mail_id, m.queued_at, r.address, r.state, r.settled_at, r.next_attempt_at
                  FROM mail m LEFT JOIN mail_recipient r USING (mail_id)
                 WHERE m.mail_id IN (
                        SELECT mail_id FROM mail WHERE kind = 'digest'
                           AND run_id IN (SELECT run_id FROM event WHERE file_id = :file AND run_id IS NOT NULL)
                         UNION ALL
                        SELECT mail_id FROM mail WHERE kind = 'digest' AND run_id IS NULL AND queued_at >= :since)
                   AND (instr(m.body, :mark) > 0
                    OR m.run_id IN (SELECT run_id FROM event WHERE file_id = :file
                                     AND event IN ('file.failed', 'file.held', 'file.loaded_with_errors'))
                    OR instr(m.body, :path) > 0
                       AND m.run_id IN (SELECT run_id FROM event WHERE file_id = :file AND event = 'file.ignored'))
                 ORDER BY m.mail_id, r.address
                """,
            arguments: [
                "file": file.id, "path": file.path, "mark": "ledgerdrop explain \(file.id) --drop ",
                "since": file.firstSeenAt,
            ]
        )
        var mails: [FileStory.Mail] = []
        for row in rows {
            let id: Int64 = row["mail_id"]
            if mails.last?.id != id { mails.append(FileStory.Mail(id: id)) }
            guard let address: String = row["address"] else { continue }
            let settledAt: String? = row["settled_at"]
            mails[mails.count - 1].recipients.append(
                FileStory.Recipient(
                    address: address,
                    state: row["state"],
                    at: settledAt ?? row["queued_at"],
                    nextAttemptAt: settledAt == nil ? row["next_attempt_at"] : nil
                )
            )
        }
        return mails
    }
}
