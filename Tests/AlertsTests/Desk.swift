import Alerts
import Foundation
import GRDB
import Ledger
import Mail
import TestSupport

/// A ledger of its own for one test, and the few facts that alerts are made from.
final class Desk {
    let folder: TemporaryFolder
    let ledger: Ledger
    /// 2026-11-21 10:00 UTC, until a test moves it.
    var time = Timestamp(milliseconds: 1_795_255_200_000)

    init(recipients: [String] = ["ops@acme.example"]) throws {
        folder = try TemporaryFolder("alerts")
        ledger = try Self.open(folder)
        _ = try RecipientLedger(ledger).seed(recipients, at: time)
    }

    /// The ledger as another process would open it after this one was killed.
    static func open(_ folder: TemporaryFolder) throws -> Ledger {
        try Ledger.open(
            path: folder.path("ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///inbox"),
            owner: "test",
            time: Timestamp(milliseconds: 1_795_255_000_000)
        )
    }

    func project(renotify: Duration = .seconds(86_400)) async throws {
        let policy = AlertPolicy(zone: "Europe/Berlin", renotify: renotify)
        try await AlertProjector(ledger: ledger, policy: policy).project(at: time)
    }

    /// A clock that stands so many seconds from now.
    func clock(_ seconds: Int64 = 0) -> @Sendable () -> Timestamp {
        let time = time.adding(seconds: seconds)
        return { time }
    }

    func startRun() throws -> Int64 {
        try write { db in
            try db.execute(
                sql: "INSERT INTO run (slot, trigger, state, started_at) VALUES (?, 'request', 'running', ?)",
                arguments: [time.textInSeconds, time.text]
            )
            let run = db.lastInsertedRowID
            try db.append(Event(.runStarted, run: run), at: time)
            return run
        }
    }

    func finishRun(_ run: Int64, as name: EventName = .runFinished, reason: String? = nil) throws {
        try write { db in
            let state = name == .runFinished ? "finished" : "failed"
            try db.execute(sql: "UPDATE run SET state = ? WHERE run_id = ?", arguments: [state, run])
            try db.append(Event(name, run: run, ["reason": reason.map { .text($0) }]), at: time)
        }
    }

    /// A finding of one row.
    struct Issue {
        var line: Int64?
        var column: String?
        var code: String
        var message = "CANARY"
        var severity = "error"
    }

    /// One file that ended in a state, with the event that says so.
    @discardableResult
    func settle(
        _ type: String,
        _ state: FileState,
        name: String = "file.csv",
        reason: String? = nil,
        run: Int64? = nil,
        counts: RowCounts = RowCounts(),
        issues: [Issue] = [],
        detail: [(key: String, value: JSONValue)] = []
    ) throws -> Int64 {
        try write { db in
            let path = "\(type)/pending/\(name)"
            try db.execute(
                sql: """
                    INSERT INTO file (run_id, type, directory, path, path_text, name, size, sha256, state, reason,
                                      first_seen_at, settled_at, rows_total, rows_inserted, rows_updated, rows_unchanged,
                                      rows_rejected, rows_parked, rows_cleared, rows_deleted)
                    VALUES (?, ?, ?, ?, ?, ?, 655112, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run, type, type, Data(path.utf8), path, name, String(repeating: "4be1c02d", count: 8),
                    state.rawValue, reason, time.text, time.text, counts.total, counts.inserted,
                    counts.updated,
                    counts.unchanged, counts.rejected, counts.parked, counts.cleared, counts.deleted,
                ]
            )
            let file = db.lastInsertedRowID
            for (index, issue) in issues.enumerated() {
                try db.execute(
                    sql: "INSERT INTO row_issue VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
                    arguments: [
                        file, issue.line.map { _ in index + 2 }, issue.line, issue.severity, issue.code,
                        issue.column,
                        issue.message,
                    ]
                )
            }
            if state == .failed || state == .loadedWithErrors {
                let action: DisposalAction = state == .failed ? .failed : .processed
                try db.execute(
                    sql:
                        "INSERT INTO disposal (file_id, action, report, next_attempt_at) VALUES (?, ?, 1, ?)",
                    arguments: [file, action.rawValue, time.text]
                )
            }
            let hasNearMiss = issues.contains { $0.code == "near_miss_column" }
            var event = Event(
                Self.names[state] ?? .fileFailed,
                run: run,
                file: file,
                [
                    "type": .text(type), "reason": reason.map { .text($0) },
                    "near_miss": hasNearMiss ? .list(["po_numbr"]) : nil,
                ]
            )
            event.detail += detail
            try db.append(event, at: time)
            return file
        }
    }

    func append(_ event: Event) throws { try write { db in _ = try db.append(event, at: time) } }

    @discardableResult
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result { try ledger.pool.write(body) }

    struct QueuedMail: Equatable {
        var kind: String
        var subject: String
        var body: String
        var reference: Int64?
        var state: String
        var lastError: String?
    }

    /// All mails, as the view of the queue has them.
    func mails() throws -> [QueuedMail] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT m.*, q.state, q.last_error FROM mail m JOIN mail_queue q USING (mail_id) ORDER BY mail_id"
            ).map { row in
                QueuedMail(
                    kind: row["kind"],
                    subject: row["subject"],
                    body: row["body"],
                    reference: row["reference"],
                    state: row["state"],
                    lastError: row["last_error"]
                )
            }
        }
    }

    func count(_ name: EventName) throws -> Int {
        try ledger.pool.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM event WHERE event = ?",
                arguments: [name.rawValue]
            ) ?? 0
        }
    }

    private static let names: [FileState: EventName] = [
        .failed: .fileFailed, .held: .fileHeld, .loaded: .fileLoaded,
        .loadedWithErrors: .fileLoadedWithErrors,
        .duplicate: .fileDuplicate, .ignored: .fileIgnored,
    ]
}

extension RowCounts {
    /// A thousand rows of which some were rejected or parked.
    static func thousand(rejected: Int = 0, parked: Int = 0) -> RowCounts {
        var counts = RowCounts()
        (counts.total, counts.rejected, counts.parked) = (1000, rejected, parked)
        counts.inserted = 1000 - rejected - parked
        return counts
    }
}
