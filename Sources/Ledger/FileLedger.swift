import Foundation
import GRDB
package import Receivables

/// The files of a run's batch, from membership to the loader's door.
package struct FileLedger: Sendable {
    /// Runs in a row in which the server may refuse a file before it is failed as unreadable.
    package static let refusalLimit = 3

    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The members of a run's batch that are still to be fetched, oldest first.
    ///
    /// `file`: Only later ones than that; by it a long list is read in lots.
    package func toFetch(in run: Int64, after file: Int64 = 0, limit: Int = -1) throws -> [Member] {
        try members(of: run, where: Self.isToBeFetched, after: file, limit: limit)
    }

    /// How many members of a run's batch are still to be fetched.
    package func countToFetch(in run: Int64) throws -> Int {
        try ledger.pool.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM file WHERE run_id = ? AND \(Self.isToBeFetched)",
                arguments: [run]
            ) ?? 0
        }
    }

    private static let isToBeFetched = "state = 'waiting' AND (reason IS NULL OR reason = 'shutdown')"

    /// The members of a run's batch that are received and still to be loaded.
    ///
    /// `file`: Only later ones than that; by it a long list is read in lots.
    package func toLoad(in run: Int64, after file: Int64 = 0, limit: Int = -1) throws -> [Member] {
        try members(of: run, where: "state = 'received'", after: file, limit: limit)
    }

    /// All members of a run's batch whose bytes are ours, whatever has become of them.
    ///
    /// `file`: Only later ones than that; by it a long list is read in lots.
    package func received(in run: Int64, after file: Int64 = 0, limit: Int = -1) throws -> [Member] {
        try members(of: run, where: "sha256 IS NOT NULL AND type IS NOT NULL", after: file, limit: limit)
    }

    private func members(
        of run: Int64,
        where condition: String,
        after file: Int64,
        limit: Int
    ) throws -> [Member] {
        try ledger.pool.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT file_id, path, name, type, size, mtime, sha256, refusals FROM file
                    WHERE run_id = ? AND \(condition) AND file_id > ? ORDER BY file_id LIMIT ?
                    """,
                arguments: [run, file, limit]
            )
            return try Array(
                rows.map { row in
                    Member(
                        id: row["file_id"],
                        path: Array(row["path"] as Data),
                        name: row["name"],
                        type: row["type"],
                        size: row["size"],
                        mtime: row["mtime"],
                        sha256: row["sha256"],
                        refusals: row["refusals"]
                    )
                }
            )
        }
    }

    /// Commits that files are ours; their copies in the spool are durable by now.
    package func receive(_ files: [ReceivedCopy], in run: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            for file in files {
                try db.cachedStatement(
                    sql: """
                        UPDATE file SET state = 'received', reason = NULL, sha256 = ?, size = ?, received_at = ?, refusals = 0
                        WHERE file_id = ? AND state = 'waiting'
                        """
                ).execute(arguments: [file.sha256, file.size, time.text, file.id])
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO spool_copy (sha256, bytes) VALUES (?, ?)")
                    .execute(arguments: [file.sha256, file.size])
                try Self.tell(.fileReceived, file.id, run: run, at: time, in: db)
            }
        }
    }

    /// Leaves members of a batch for a later run, each in the state it is in.
    ///
    /// `message`: What was met, for people; escaped.
    package func `defer`(
        _ files: [Int64],
        reason: DeferredReason,
        message: String? = nil,
        in run: Int64,
        at time: Timestamp
    ) throws {
        try ledger.write { db in
            for file in files {
                try db.cachedStatement(
                    sql: """
                        UPDATE file SET reason = :reason, refusals = 0,
                               gone = CASE :reason WHEN 'gone' THEN 1 ELSE gone END,
                               settled_at = CASE :reason WHEN 'gone' THEN :time ELSE settled_at END
                        WHERE file_id = :file AND state IN ('waiting', 'received')
                        """
                ).execute(arguments: ["reason": reason.rawValue, "time": time.text, "file": file])
                try Self.tell(.fileDeferred, file, run: run, message: message, at: time, in: db)
            }
        }
    }

    /// Counts that the server refused to give a file: it is deferred, and failed at the third run in a row.
    ///
    /// `message`: What the server said, for people; escaped.
    /// `after`: What is done with files that are settled.
    package func noteRefusal(
        of file: Int64,
        message: String,
        after: AfterLoad,
        in run: Int64,
        at time: Timestamp
    ) throws {
        try ledger.write { db in
            let refusals = try Int.fetchOne(
                db.cachedStatement(
                    sql:
                        "UPDATE file SET refusals = refusals + 1, reason = ? WHERE file_id = ? RETURNING refusals"
                ),
                arguments: [DeferredReason.fetchFailed.rawValue, file]
            )
            if let refusals, refusals >= Self.refusalLimit {
                try Self.fail(
                    file,
                    .unreadable,
                    "File could not be read: \(message).",
                    after: after,
                    run: run,
                    at: time,
                    in: db
                )
            } else {
                try Self.tell(.fileDeferred, file, run: run, message: message, at: time, in: db)
            }
        }
    }

    /// Takes back a receipt whose copy is no longer in the spool: the file is fetched again by a later run.
    package func forget(_ file: Int64, in run: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            try db.cachedStatement(
                sql: """
                    UPDATE file SET state = 'waiting', reason = 'fetch_failed', sha256 = NULL, received_at = NULL
                    WHERE file_id = ? AND state = 'received'
                    """
            ).execute(arguments: [file])
            try Self.tell(
                .fileDeferred,
                file,
                run: run,
                message: "the copy in the spool is missing",
                at: time,
                in: db
            )
        }
    }

    /// Refuses a file as a whole before anything of it is read.
    ///
    /// `message`: What was found and what was expected; never a cell's value.
    /// `after`: What is done with files that are settled.
    package func fail(
        _ file: Int64,
        _ code: IssueCode,
        _ message: String,
        after: AfterLoad,
        in run: Int64,
        at time: Timestamp
    ) throws {
        try ledger.write { db in
            try Self.fail(file, code, message, after: after, run: run, at: time, in: db)
        }
    }

    private static func fail(
        _ file: Int64,
        _ code: IssueCode,
        _ message: String,
        after: AfterLoad,
        run: Int64,
        at time: Timestamp,
        in db: Database
    ) throws {
        let word = try String.fetchOne(
            db.cachedStatement(sql: "SELECT state FROM file WHERE file_id = ?"),
            arguments: [file]
        )
        let state = word.flatMap(FileState.init)
        guard let state, state.mayBecome(.failed) else {
            throw ForbiddenMove(file: file, from: state, to: .failed)
        }
        try db.cachedStatement(
            sql: """
                UPDATE file SET state = 'failed', reason = ?, settled_at = ?, attempt = attempt + 1 WHERE file_id = ?
                """
        ).execute(arguments: [code.rawValue, time.text, file])
        try db.cachedStatement(
            sql: "INSERT INTO row_issue (file_id, severity, code, message) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [file, "error", code.rawValue, message])
        try DisposalLedger.order(for: file, state: .failed, after: after, report: true, at: time, in: db)
        try tell(
            .fileFailed,
            file,
            run: run,
            detail: [("error_codes", .object([(key: code.rawValue, value: .integer(1))]))],
            at: time,
            in: db
        )
    }

    /// Makes ready for many loads, one after the other.
    package func forLoads<Outcome: Sendable>(_ body: () async throws -> Outcome) async throws -> Outcome {
        try await ledger.forLoads(body)
    }

    /// The types of which files of a run are applied.
    package func appliedTypes(in run: Int64) throws -> Set<String> {
        try ledger.pool.read { db in
            try String.fetchSet(
                db,
                sql: """
                    SELECT DISTINCT type FROM file
                    WHERE run_id = ? AND type IS NOT NULL AND state IN ('loaded', 'loaded_with_errors', 'duplicate')
                    """,
                arguments: [run]
            )
        }
    }

    /// Whether anything of a run calls for a person: files that failed or are held, rows rejected or parked.
    package func hasFindings(in run: Int64) throws -> Bool {
        try ledger.pool.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM file WHERE run_id = ?
                                   AND state IN ('failed', 'held', 'loaded_with_errors'))
                    """,
                arguments: [run]
            ) ?? false
        }
    }

    private static func tell(
        _ name: EventName,
        _ file: Int64,
        run: Int64,
        message: String? = nil,
        detail: [(key: String, value: JSONValue)] = [],
        at time: Timestamp,
        in db: Database
    ) throws {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT name, type, state, reason, size, sha256 FROM file WHERE file_id = ?"
            ),
            arguments: [file]
        )
        guard let row else { return }
        var event = Event(name, run: run, file: file)
        for key in ["name", "type", "state", "reason", "sha256"] {
            let value: String? = row[key]
            event = event.with(key, value.map { .text($0) })
            let size: Int64? = row["size"]
            if key == "reason" { event = event.with("size", size.map { .integer($0) }) }
        }
        event = event.with("message", message.map { .text($0) })
        event.detail += detail
        try db.append(event, at: time)
    }
}

/// A file whose bytes are durable in the spool.
package struct ReceivedCopy: Sendable, Equatable {
    package var id: Int64
    /// 64 hex digits, in lower case.
    package var sha256: String
    package var size: Int64

    package init(id: Int64, sha256: String, size: Int64) {
        self.id = id
        self.sha256 = sha256
        self.size = size
    }
}
