package import Ledger

/// `ledgerdrop status`: one drop at a glance, with what needs a person on top of what does not.
package struct StatusReport: Report {
    /// One of the three healths; unknown is not ok.
    private struct Health {
        var name: String
        /// Why not; empty when it is well.
        var problem: String
    }

    /// The kind of incident that a type has whose last file did not load cleanly; that is the customer's, not ours.
    private static let failingType = "type"

    private let configuration: Configuration
    private let overview: StatusQueries.Overview
    private let disk: Metrics.Disk
    /// Who holds the lock; `nil`: no daemon.
    private let holder: String?
    private let now: Timestamp

    package init(
        _ configuration: Configuration,
        overview: StatusQueries.Overview,
        disk: Metrics.Disk,
        holder: String?,
        now: Timestamp
    ) {
        self.configuration = configuration
        self.overview = overview
        self.disk = disk
        self.holder = holder
        self.now = now
    }

    package var text: String {
        var text = "\(configuration.name)  \(Version.current)  \(holder ?? "no daemon is running")\n"
        text += "ledger \(Shown.size(disk.ledgerBytes)) · spool \(Shown.size(disk.spoolBytes))"
        text += " · disk \(Shown.size(disk.freeBytes)) free\n"
        text += "last run  \(lastRun)\n"
        text += "next run  \(Shown.time(nextSlot.textInSeconds, now: now)) (in \(untilNext))"
        text += "  mail queue \(overview.mailsQueued) · waiting files \(overview.waitingFiles)"
        text += " · parked rows \(overview.parkedRows) · disposals pending \(overview.disposalsPending)\n"
        for health in healths where !health.problem.isEmpty {
            text += "not \(health.name): \(health.problem)\n"
        }
        return text + needs + types
    }

    /// One line: for `systemctl status`, and for each drop of `status --all`.
    package var line: String {
        let problems = healths.filter { !$0.problem.isEmpty }.map { "not \($0.name): \($0.problem)" }
        let needed = needyCount == 0 ? [] : ["\(needyCount) need you"]
        return ([configuration.name, "last run \(lastRun)"] + problems + needed).joined(separator: " · ")
    }

    package var json: String {
        var members: [(key: String, value: JSONValue)] = [
            ("drop", .text(configuration.name)), ("version", .text(Version.current)),
            ("daemon", .flag(holder != nil)), ("next_slot", .text(nextSlot.textInSeconds)),
        ]
        if let holder { members.append(("holder", .text(holder))) }
        if let run = overview.lastRun { members.append(("last_run", run.jsonValue)) }
        for health in healths {
            var value: [(key: String, value: JSONValue)] = [("ok", .flag(health.problem.isEmpty))]
            if !health.problem.isEmpty { value.append(("reason", .text(health.problem))) }
            members.append((health.name, .object(value)))
        }
        members += [
            ("held", .list(overview.held.map(\.jsonValue))),
            ("incidents", .list(overview.incidents.map(\.jsonValue))),
            ("last_files", .list(overview.lastFiles.map(\.jsonValue))),
            ("waiting_files", .integer(overview.waitingFiles)),
            ("parked_rows", .integer(overview.parkedRows)),
            ("disposals_pending", .integer(overview.disposalsPending)),
            ("mails_queued", .integer(overview.mailsQueued)), ("mails_dead", .integer(overview.mailsDead)),
            ("recipients", .list(overview.recipients.map { .text($0) })),
            ("ledger_bytes", .integer(disk.ledgerBytes)), ("wal_bytes", .integer(disk.walBytes)),
            ("spool_bytes", .integer(disk.spoolBytes)), ("free_bytes", .integer(disk.freeBytes)),
        ]
        return JSONValue.json(of: members)
    }

    private var nextSlot: Timestamp { Schedule(minute: configuration.schedule.minute).slot(after: now) }

    private var untilNext: String {
        Shown.duration(milliseconds: nextSlot.milliseconds - now.milliseconds)
    }

    private var lastRun: String {
        guard let run = overview.lastRun else { return "none yet" }
        var text = "\(Shown.time(run.slot, now: now)) \(run.state)"
        if let reason = run.reason { text += " (\(reason))" }
        if let from = Timestamp(run.startedAt), let to = run.finishedAt.flatMap({ Timestamp($0) }) {
            text += " in \(Shown.duration(milliseconds: to.milliseconds - from.milliseconds))"
        }
        if let listed = run.listed {
            text += "   \(listed) listed = \(run.batched ?? 0) batched + \(run.waiting ?? 0) waiting"
            text += " + \(run.settled ?? 0) settled + \(run.ignored ?? 0) ignored"
        }
        return text
    }

    private var healths: [Health] {
        [
            Health(name: "alive", problem: holder == nil ? "no daemon is running" : ""),
            Health(name: "able", problem: unable),
            Health(name: "fresh", problem: stale),
        ]
    }

    private var unable: String {
        if disk.freeBytes < configuration.limits.freeBytes { return "the disk is low" }
        if let run = overview.lastRun, run.state == "failed" {
            return "the last run failed: \(run.reason ?? "unknown")"
        }
        let condition = overview.incidents.first { $0.kind != Self.failingType }
        return condition.map { "\($0.kind) since \($0.openedAt)" } ?? ""
    }

    private var stale: String {
        guard let last = overview.lastFinishedAt.flatMap({ Timestamp($0) }) else {
            return "no run has finished yet"
        }
        let age = now.milliseconds - last.milliseconds
        return age > 2 * Schedule.period
            ? "the last finished run ended \(Shown.duration(milliseconds: age)) ago" : ""
    }

    private var needyCount: Int {
        overview.held.count + overview.incidents.count + (overview.mailsDead > 0 ? 1 : 0)
    }

    private var needs: String {
        guard needyCount > 0 else { return "" }
        var text = "\nneeds you\n"
        for file in overview.held {
            text += "  held      \(file.id) \(file.type ?? "")  \(file.name)\n"
            text += "            ledgerdrop release \(file.id) | ledgerdrop discard \(file.id)\n"
        }
        for incident in overview.incidents {
            let kind = incident.kind == Self.failingType ? "failing" : incident.kind
            text +=
                "  \(kind.padded(to: 8))  \(incident.subject)  since \(Shown.time(incident.openedAt, now: now))\n"
        }
        if overview.mailsDead > 0 { text += "  mail      \(overview.mailsDead) could not be delivered\n" }
        return text
    }

    private var types: String {
        guard !overview.lastFiles.isEmpty else { return "" }
        var table = TextTable(["type", "last file", "at", "rows", "rejected", "state"], numbers: [3, 4])
        for file in overview.lastFiles {
            table.add([
                file.type ?? "", file.name, Shown.time(file.settledAt ?? file.firstSeenAt, now: now),
                file.total.map { "\($0)" } ?? "", file.rejected.map { "\($0)" } ?? "", file.state,
            ])
        }
        return "\n" + table.text
    }
}

extension RunRow {
    var jsonValue: JSONValue {
        let texts: [(String, String?)] = [
            ("slot", slot), ("trigger", trigger), ("state", state), ("reason", reason),
            ("started_at", startedAt),
            ("finished_at", finishedAt),
        ]
        let numbers: [(String, Int64?)] = [
            ("listed", listed), ("batched", batched), ("waiting", waiting), ("settled", settled),
            ("ignored", ignored),
        ]
        var members: [(key: String, value: JSONValue)] = [("run_id", .integer(id))]
        members += texts.compactMap { name, text in text.map { (name, .text($0)) } }
        members += numbers.compactMap { name, number in number.map { (name, .integer($0)) } }
        return .object(members)
    }
}

extension IncidentRow {
    fileprivate var jsonValue: JSONValue {
        .object([("kind", .text(kind)), ("subject", .text(subject)), ("opened_at", .text(openedAt))])
    }
}
