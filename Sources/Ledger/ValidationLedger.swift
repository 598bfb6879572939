import Foundation
import GRDB

/// The files that were only looked at, and what remains to be done on the server for each.
package struct ValidationLedger: Sendable {
    /// What is done with the file itself.
    package enum Action: String, Sendable {
        /// It is moved aside.
        case done
        case delete
        /// Nothing is written on the server, the report neither.
        case leave
    }

    /// What was found out about a file.
    package struct Order: Sendable {
        package var path: [UInt8]
        /// The name as people see it.
        package var name: String
        package var type: String
        package var size: Int64?
        package var mtime: Int64?
        package var report: [UInt8]
        package var after: AfterLoad

        package init(
            path: [UInt8],
            name: String,
            type: String,
            size: Int64?,
            mtime: Int64?,
            report: [UInt8],
            after: AfterLoad
        ) {
            self.path = path
            self.name = name
            self.type = type
            self.size = size
            self.mtime = mtime
            self.report = report
            self.after = after
        }

        fileprivate var action: Action {
            switch after {
            case .move: .done
            case .delete: .delete
            case .leave: .leave
            }
        }
    }

    /// What remains to be done for one file.
    package struct Due: Sendable {
        package var id: Int64
        package var path: [UInt8]
        package var size: Int64?
        package var mtime: Int64?
        package var report: [UInt8]
        package var action: Action
        package var checkedAt: Timestamp
    }

    /// When a file was looked at, and whether its sender was told.
    package struct Look: Sendable {
        package var type: String
        package var checkedAt: String
        package var action: Action
        package var isDone: Bool
        package var attempts: Int64
        /// What the last attempt met, for people; escaped.
        package var lastError: String?
    }

    /// How long it is remembered what was looked at, in seconds; a file that still lies there then is looked at again.
    private static let memory: Int64 = 90 * 86_400

    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Those of some files that were looked at as they are, and stay where they are or are not put away yet.
    package func known(among files: [Sighting]) throws -> Set<Sighting> {
        try ledger.pool.read { db in
            let looking = try db.makeStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM validation WHERE path = ? AND size IS ? AND mtime IS ?
                                   AND (done_at IS NULL OR action = 'leave'))
                    """
            )
            return try Set(
                files.filter { file in
                    try Bool.fetchOne(looking, arguments: [Data(file.path), file.size, file.mtime]) ?? false
                }
            )
        }
    }

    /// Records that a file was looked at, and what is to be done for it.
    ///
    /// - Throws: ``LedgerFailure/leaseLost`` or `DatabaseError`; then it was not.
    package func order(_ order: Order, _ difference: Difference, run: Int64, at time: Timestamp) throws {
        let action = order.action
        try ledger.pool.write { [fence = ledger.fence] db in
            try Lease.require(fence, in: db)
            try db.execute(
                sql: "DELETE FROM validation WHERE done_at < ?",
                arguments: [time.adding(seconds: -Self.memory).text]
            )
            try db.execute(
                sql: """
                    INSERT INTO validation (path, type, size, mtime, checked_at, report, action, done_at, next_attempt_at)
                    VALUES (:path, :type, :size, :mtime, :now, :report, :action, :done, :now)
                    """,
                arguments: [
                    "path": Data(order.path), "type": order.type, "size": order.size, "mtime": order.mtime,
                    "now": time.text, "report": action == .leave ? nil : Data(order.report),
                    "action": action.rawValue, "done": action == .leave ? time.text : nil,
                ]
            )
            var event = Event(
                .fileValidated,
                run: run,
                [
                    "name": .text(order.name), "type": .text(order.type),
                    "size": order.size.map { .integer($0) },
                ]
            )
            event.detail.append(("would_be", .text(difference.state.rawValue)))
            if let reason = difference.reason { event.detail.append(("reason", .text(reason))) }
            event.detail += difference.counts.detail
            event.detail.append(("warnings", .integer(Int64(difference.warnings))))
            event.detail.append(("report", .flag(action != .leave)))
            try db.append(event, at: time)
        }
    }

    /// What is to be done, oldest first.
    ///
    /// `time`: only what is due by then; `nil` for all that is not done.
    package func due(at time: Timestamp?, after last: Int64, limit: Int) throws -> [Due] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT validation_id, path, size, mtime, report, action, checked_at FROM validation
                     WHERE done_at IS NULL AND next_attempt_at <= ? AND validation_id > ?
                     ORDER BY validation_id LIMIT ?
                    """,
                arguments: [time?.text ?? "9", last, limit]
            ).compactMap { row in
                guard let action = Action(rawValue: row["action"]),
                    let checkedAt = Timestamp(row["checked_at"] as String)
                else { return nil }
                return Due(
                    id: row["validation_id"],
                    path: Array(row["path"] as Data),
                    size: row["size"],
                    mtime: row["mtime"],
                    report: Array(row["report"] as Data? ?? Data()),
                    action: action,
                    checkedAt: checkedAt
                )
            }
        }
    }

    /// The last time that a file of a name, or of a path, was looked at; `nil` for one that never was.
    package func look(at name: String) throws -> Look? {
        let end = Data((name.contains("/") ? name : "/\(name)").utf8)
        return try ledger.pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT type, checked_at, action, done_at, attempts, last_error FROM validation
                     WHERE substr(path, -length(:end)) = :end ORDER BY validation_id DESC LIMIT 1
                    """,
                arguments: ["end": end]
            )
            guard let row, let action = Action(rawValue: row["action"]) else { return nil }
            return Look(
                type: row["type"],
                checkedAt: row["checked_at"],
                action: action,
                isDone: row["done_at"] != nil,
                attempts: row["attempts"],
                lastError: row["last_error"]
            )
        }
    }

    /// When the next attempt is due; `nil` when nothing is left.
    package func nextAttempt() throws -> Timestamp? {
        try ledger.pool.read { db in
            try String.fetchOne(db, sql: "SELECT min(next_attempt_at) FROM validation WHERE done_at IS NULL")
                .flatMap(Timestamp.init)
        }
    }

    /// Nothing remains to be done for a file.
    package func done(_ id: Int64, note: String?, at time: Timestamp) throws {
        try ledger.write { db in
            try db.execute(
                sql:
                    "UPDATE validation SET done_at = ?, report = NULL, last_error = ? WHERE validation_id = ?",
                arguments: [time.text, note, id]
            )
        }
    }

    /// An attempt failed; the next comes as with a disposal.
    ///
    /// `error`: What was met, for people; escaped.
    package func failed(_ id: Int64, error: String, at time: Timestamp) throws {
        try ledger.write { db in
            let before = try Int.fetchOne(
                db,
                sql: "SELECT attempts FROM validation WHERE validation_id = ?",
                arguments: [id]
            )
            let attempts = (before ?? 0) + 1
            try db.execute(
                sql:
                    "UPDATE validation SET attempts = ?, next_attempt_at = ?, last_error = ? WHERE validation_id = ?",
                arguments: [
                    attempts, time.adding(seconds: DisposalLedger.pause(afterAttempts: attempts)).text, error,
                    id,
                ]
            )
        }
    }
}
