import Foundation
import GRDB

/// The runs: who began when, for which slot, how far it came, and how it ended.
package struct RunLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Begins a run.
    ///
    /// `slot`: The hour it serves; for a request, now.
    /// Returns its id; `nil` when another run serves or served that slot.
    package func begin(_ trigger: RunTrigger, slot: Timestamp, at time: Timestamp) throws -> Int64? {
        try ledger.write { db in
            try db.execute(
                sql: """
                    INSERT INTO run (slot, trigger, state, started_at) VALUES (?, ?, 'running', ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [slot.textInSeconds, trigger.rawValue, time.text]
            )
            guard db.changesCount == 1 else { return nil }
            let run = db.lastInsertedRowID
            try db.append(
                Event(
                    .runStarted,
                    run: run,
                    ["slot": .text(slot.textInSeconds), "trigger": .text(trigger.rawValue)]
                ),
                at: time
            )
            return run
        }
    }

    /// The runs that began and did not end, oldest first.
    package func unfinished() throws -> [OpenRun] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT run_id, slot, trigger, stage, listed FROM run
                    WHERE state IN ('running', 'interrupted') ORDER BY run_id
                    """
            ).compactMap { row in
                guard let slot = Timestamp(row["slot"] as String),
                    let trigger = RunTrigger(rawValue: row["trigger"]),
                    let stage = RunStage(rawValue: row["stage"])
                else { return nil }
                let listed: Int? = row["listed"]
                return OpenRun(
                    id: row["run_id"],
                    slot: slot,
                    trigger: trigger,
                    stage: stage,
                    hasCutOff: listed != nil
                )
            }
        }
    }

    /// Says that an interrupted run goes on.
    package func resume(_ run: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT slot, trigger, stage FROM run WHERE run_id = ?",
                    arguments: [run]
                )
            else { return }
            try db.execute(
                sql: "UPDATE run SET state = 'running', reason = NULL WHERE run_id = ?",
                arguments: [run]
            )
            try db.append(
                Event(
                    .runResumed,
                    run: run,
                    [
                        "slot": .text(row["slot"]), "trigger": .text(row["trigger"]),
                        "stage": .text(row["stage"]),
                    ]
                ),
                at: time
            )
        }
    }

    /// Marks a run that stops because the daemon stops; it is resumed at the next start.
    package func interrupt(_ run: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            try db.execute(
                sql: "UPDATE run SET state = 'interrupted', reason = 'shutdown' WHERE run_id = ?",
                arguments: [run]
            )
            let rest = try Row.fetchAll(
                db,
                sql: """
                    UPDATE file SET reason = 'shutdown'
                    WHERE run_id = ? AND (state = 'received' OR (state = 'waiting' AND reason IS NULL))
                    RETURNING file_id, name, type, state
                    """,
                arguments: [run]
            )
            for row in rest {
                let type: String? = row["type"]
                try db.append(
                    Event(
                        .fileDeferred,
                        run: run,
                        file: row["file_id"],
                        [
                            "name": .text(row["name"]), "type": type.map { .text($0) },
                            "state": .text(row["state"]), "reason": .text(DeferredReason.shutdown.rawValue),
                        ]
                    ),
                    at: time
                )
            }
        }
    }

    /// Keeps what the cut-off listing showed, so that a restart within the quiet period does not forget it.
    package func remember(_ cutOff: some Collection<Sighting>, of run: Int64) throws {
        try ledger.write { db in
            try db.execute(sql: "DELETE FROM sighting WHERE run_id = ?", arguments: [run])
            let insert = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO sighting (run_id, path, size, mtime) VALUES (?, ?, ?, ?)"
            )
            for sighting in cutOff {
                try insert.execute(arguments: [run, Data(sighting.path), sighting.size, sighting.mtime])
            }
            try db.execute(
                sql: "UPDATE run SET listed = ? WHERE run_id = ?",
                arguments: [cutOff.count, run]
            )
        }
    }

    /// What ``remember(_:of:)`` kept.
    package func cutOff(of run: Int64) throws -> [Sighting] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT path, size, mtime FROM sighting WHERE run_id = ? ORDER BY path",
                arguments: [run]
            ).map { Sighting(path: Array($0["path"] as Data), size: $0["size"], mtime: $0["mtime"]) }
        }
    }

    /// Says that every member of the batch that could be fetched is here.
    package func beginLoading(_ run: Int64) throws {
        try ledger.write { db in
            try db.execute(sql: "UPDATE run SET stage = 'loading' WHERE run_id = ?", arguments: [run])
        }
    }

    /// What has become of the members of a run's batch.
    package func batch(of run: Int64) throws -> BatchCounts {
        try ledger.pool.read { db in try Self.batch(of: run, in: db) }
    }

    /// Ends a run, or ends it as failed (`unbalanced`) when its counts do not add up.
    ///
    /// Returns how it ended.
    package func finish(_ run: Int64, at time: Timestamp) throws -> FinishedRun {
        try ledger.write { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM run WHERE run_id = ?", arguments: [run])
            else { throw LedgerFailure.missing("run \(run)") }
            var plan = PlanCounts()
            plan.listed = row["listed"] ?? 0
            plan.batched = row["batched"] ?? 0
            plan.waiting = row["waiting"] ?? 0
            plan.settled = row["settled"] ?? 0
            plan.ignored = row["ignored"] ?? 0
            let batch = try Self.batch(of: run, in: db)
            let isBalanced = plan.isBalanced && batch.isBalanced(with: plan.batched)
            let ended = FinishedRun(
                id: run,
                reason: isBalanced ? nil : .unbalanced,
                plan: plan,
                batch: batch
            )
            try db.execute(
                sql: """
                    UPDATE run SET state = ?, stage = 'done', reason = ?, finished_at = ?,
                           ingested = ?, duplicate = ?, failed = ?, deferred = ?
                    WHERE run_id = ?
                    """,
                arguments: [
                    isBalanced ? "finished" : "failed", ended.reason?.rawValue, time.text,
                    batch.ingested, batch.duplicate, batch.failed, batch.deferred, run,
                ]
            )
            let started = Timestamp(row["started_at"] as String) ?? time
            try db.append(
                Event(
                    isBalanced ? .runFinished : .runFailed,
                    run: run,
                    [
                        "slot": .text(row["slot"]), "trigger": .text(row["trigger"]),
                        "state": isBalanced ? "finished" : "failed",
                        "reason": ended.reason.map { .text($0.rawValue) },
                        "listed": .integer(Int64(plan.listed)), "batched": .integer(Int64(plan.batched)),
                        "waiting": .integer(Int64(plan.waiting)), "settled": .integer(Int64(plan.settled)),
                        "ignored": .integer(Int64(plan.ignored)),
                        "ingested": .integer(Int64(batch.ingested)),
                        "duplicate": .integer(Int64(batch.duplicate)),
                        "failed": .integer(Int64(batch.failed)),
                        "deferred": .integer(Int64(batch.deferred)),
                        "duration_ms": .integer(max(0, time.milliseconds - started.milliseconds)),
                    ]
                ),
                at: time
            )
            return ended
        }
    }

    /// Ends a run that took no listing, with the event of the condition that it met.
    ///
    /// `message`: What was met, for people; escaped, without a secret.
    package func fail(_ run: Int64, reason: RunFailureReason, message: String, at time: Timestamp) throws {
        try ledger.write { db in
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT slot, trigger, started_at FROM run WHERE run_id = ?",
                    arguments: [run]
                )
            else { return }
            try db.execute(sql: "DELETE FROM sighting WHERE run_id = ?", arguments: [run])
            try db.execute(
                sql: """
                    UPDATE run SET state = 'failed', stage = 'done', reason = ?, finished_at = ?, listed = NULL
                    WHERE run_id = ?
                    """,
                arguments: [reason.rawValue, time.text, run]
            )
            if let condition = reason.condition {
                try db.append(
                    Event(
                        condition,
                        run: run,
                        ["reason": .text(reason.rawValue), "message": .text(message)]
                    ),
                    at: time
                )
            }
            let started = Timestamp(row["started_at"] as String) ?? time
            try db.append(
                Event(
                    .runFailed,
                    run: run,
                    [
                        "slot": .text(row["slot"]), "trigger": .text(row["trigger"]), "state": "failed",
                        "reason": .text(reason.rawValue), "message": .text(message),
                        "duration_ms": .integer(max(0, time.milliseconds - started.milliseconds)),
                    ]
                ),
                at: time
            )
        }
    }

    /// Says that the inbox answers again, if the last run that ended could not take a listing.
    package func noteReached(in run: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            let reason = try String.fetchOne(
                db,
                sql: """
                    SELECT CASE state WHEN 'failed' THEN reason END FROM run
                    WHERE state IN ('finished', 'failed') ORDER BY run_id DESC LIMIT 1
                    """
            )
            guard let reason, RunFailureReason(rawValue: reason)?.condition != nil
            else { return }
            let isTold = try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM event WHERE run_id = ? AND event = ?)",
                arguments: [run, EventName.inboxRecovered.rawValue]
            )
            guard isTold == false else { return }
            try db.append(Event(.inboxRecovered, run: run, ["reason": .text(reason)]), at: time)
        }
    }

    private static func batch(of run: Int64, in db: Database) throws -> BatchCounts {
        var counts = BatchCounts()
        let states = try Row.fetchAll(
            db,
            sql: "SELECT state, count(*) AS files FROM file WHERE run_id = ? GROUP BY state",
            arguments: [run]
        )
        for row in states {
            let files: Int = row["files"]
            switch FileState(rawValue: row["state"]) {
            case .loaded, .loadedWithErrors: counts.ingested += files
            case .duplicate: counts.duplicate += files
            case .failed: counts.failed += files
            // One held by this run may already be decided when a resumed run ends.
            case .waiting, .received, .held, .superseded, .discarded: counts.deferred += files
            case .ignored, nil: break
            }
        }
        return counts
    }
}
