import Glibc
package import Ledger

/// The three healths of a drop, never folded into one: whether it is alive, able and fresh.
///
/// Each is why not, or `nil` when it is well. Idle is not stalled, and what is not known is not well.
package struct Healths: Sendable, Equatable {
    /// The kind of incident of a type whose last file did not load cleanly; that is the customer's, not ours.
    static let failingType = "type"
    /// The kind of incident of a type of which no file came in time.
    static let missingType = "arrival_missing"
    /// The kind of incident while reports about checked files cannot be written; files are loaded all the same.
    static let stuckReports = "report_stuck"
    /// The kind of incident while balances and open items do not agree, as they were sent.
    static let variance = "variance"

    /// The work goes on.
    package var alive: String?
    /// The last connection worked, the ledger can be written, the disk has room.
    package var able: String?
    /// A run has finished lately, and nothing is missing.
    package var fresh: String?

    /// Each with its name, in this order.
    package var all: [(name: String, problem: String?)] {
        [("alive", alive), ("able", able), ("fresh", fresh)]
    }

    /// What `/livez` and `/readyz` say: a line for each health.
    package var text: String {
        all.map { "\($0.name) \($0.problem.map { "no: \($0)" } ?? "ok")\n" }.joined()
    }

    /// Whether `/livez` answers 200: a restart would not help.
    package var isLive: Bool { alive == nil }

    /// Whether `/readyz` answers 200: runs can do their work.
    package var isReady: Bool { alive == nil && able == nil }

    /// What is left to say when the ledger cannot be read.
    static func unknown(isAlive: Bool) -> Healths {
        let reason = "the ledger cannot be read"
        return Healths(alive: isAlive ? nil : stalled, able: reason, fresh: reason)
    }

    private static let stalled = "the work makes no progress"

    private init(alive: String?, able: String?, fresh: String?) {
        self.alive = alive
        self.able = able
        self.fresh = fresh
    }

    /// Asks the ledger, the disk and the pulse of a drop in our hands; blocks for milliseconds.
    ///
    /// - Throws: `DatabaseError` when the ledger cannot be read.
    package static func of(_ drop: OpenDrop, pulse: Pulse, now: Timestamp) throws -> Healths {
        Healths(
            drop.live.current,
            overview: try StatusQueries(drop.ledger).overview(),
            arrivals: try ArrivalLedger(drop.ledger).all(),
            disk: DiskUse.of(path: drop.state.path, ledger: drop.ledger),
            stopped: pulse.isAlive(within: .seconds(300)) ? nil : stalled,
            now: now
        )
    }

    /// Judges what was found; `stopped` is why nobody works.
    init(
        _ configuration: Configuration,
        overview: StatusQueries.Overview,
        arrivals: [Arrival],
        disk: Metrics.Disk,
        stopped: String?,
        now: Timestamp
    ) {
        alive = stopped
        able = Self.unable(configuration, overview, disk)
        fresh = Self.stale(overview, arrivals, now)
    }

    private static func unable(
        _ configuration: Configuration,
        _ overview: StatusQueries.Overview,
        _ disk: Metrics.Disk
    ) -> String? {
        if disk.freeBytes < configuration.limits.freeBytes { return "the disk is low" }
        // A configuration that was only made up has no ledger to look at.
        let ledger = "\(configuration.stateDirectory)/ledger.sqlite"
        if access(ledger, F_OK) == 0, access(ledger, W_OK) != 0 { return "the ledger cannot be written" }
        if let run = overview.lastRun, run.state == "failed" {
            return "the last run failed: \(run.reason ?? "unknown")"
        }
        let harmless = [failingType, missingType, stuckReports, variance]
        return overview.incidents.first { !harmless.contains($0.kind) }
            .map { "\($0.kind) since \($0.openedAt)" }
    }

    private static func stale(
        _ overview: StatusQueries.Overview,
        _ arrivals: [Arrival],
        _ now: Timestamp
    ) -> String? {
        guard let last = overview.lastFinishedAt.flatMap({ Timestamp($0) }) else {
            return "no run has finished yet"
        }
        let age = now.milliseconds - last.milliseconds
        if age > 2 * Schedule.period {
            return "the last finished run ended \(Shown.duration(milliseconds: age)) ago"
        }
        let missing = arrivals.filter { $0.state == .missing }.map(\.type)
        return missing.isEmpty ? nil : "missing: \(missing.joined(separator: ", "))"
    }
}
