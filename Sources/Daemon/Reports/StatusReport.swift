package import Ledger

/// `ledgerdrop status`: one drop at a glance, with what needs a person on top of what does not.
package struct StatusReport: Report {
    private let configuration: Configuration
    private let overview: StatusQueries.Overview
    private let arrivals: [Arrival]
    private let disk: Metrics.Disk
    /// Who holds the lock; `nil`: no daemon.
    private let holder: String?
    private let now: Timestamp

    package init(
        _ configuration: Configuration,
        overview: StatusQueries.Overview,
        arrivals: [Arrival],
        disk: Metrics.Disk,
        holder: String?,
        now: Timestamp
    ) {
        self.configuration = configuration
        self.overview = overview
        self.arrivals = arrivals
        self.disk = disk
        self.holder = holder
        self.now = now
    }

    package var text: String {
        let left = "\(configuration.name)  \(Version.current)  \(daemon)"
        let next = "next run  \(Shown.time(nextSlot.textInSeconds, now: now)) (in \(untilNext))"
        var text = left.padded(to: 27) + "  ledger \(Shown.size(disk.ledgerBytes)) ok"
        text += " · spool \(Shown.size(disk.spoolBytes)) · disk \(Shown.size(disk.freeBytes)) free\n"
        text += "last run  \(lastRun)\n"
        text += next.padded(to: 37) + "  \(server) · mail queue \(overview.mailsQueued)\n"
        let counts = [
            (overview.waitingFiles, "waiting"), (overview.parkedRows, "rows parked"),
            (overview.disposalsPending, "still to be moved"),
        ]
        .filter { $0.0 > 0 }
        .map { "\($0.0) \($0.1)" }
        if !counts.isEmpty { text += "besides   \(counts.joined(separator: " · "))\n" }
        for health in healths.all {
            if let problem = health.problem { text += "not \(health.name): \(problem)\n" }
        }
        return text + needs + types
    }

    /// One line: for `systemctl status`, and for each drop of `status --all`.
    package var line: String {
        let problems = healths.all.compactMap { health in health.problem.map { "not \(health.name): \($0)" } }
        let state = problems.isEmpty ? "well" : problems.joined(separator: ", ")
        let needed: [(String, Int)] = [
            ("held", overview.held.count), ("missing", arrivals.count { $0.state == .missing }),
            ("failing", incidents.count { $0.kind == Healths.failingType }),
            ("incidents", incidents.count { $0.kind != Healths.failingType }),
            ("mails undelivered", Int(overview.mailsDead)),
        ]
        let needs = needed.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        let you = needs.isEmpty ? [] : ["needs you: \(needs)"]
        return ([configuration.name, state, "last run \(lastRun)"] + you).joined(separator: " · ")
    }

    /// The line of a drop of which nothing can be read.
    package static func line(drop: String, unreadable reason: String) -> String {
        let words = reason.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return "\(DisplayText(drop).escaped) · cannot be read: \(words)"
    }

    package var json: String {
        var members: [(key: String, value: JSONValue)] = [
            ("drop", .text(configuration.name)), ("version", .text(Version.current)),
            ("daemon", .flag(holder != nil)), ("next_slot", .text(nextSlot.textInSeconds)),
        ]
        if let holder { members.append(("holder", .text(holder))) }
        if let run = overview.lastRun { members.append(("last_run", run.jsonValue)) }
        for health in healths.all {
            var value: [(key: String, value: JSONValue)] = [("ok", .flag(health.problem == nil))]
            if let problem = health.problem { value.append(("reason", .text(problem))) }
            members.append((health.name, .object(value)))
        }
        members += [
            ("held", .list(overview.held.map(\.jsonValue))),
            ("incidents", .list(overview.incidents.map(\.jsonValue))),
            ("arrivals", .list(arrivals.map(\.jsonValue))),
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

    /// Whether a daemon is there, and for how long.
    private var daemon: String {
        guard let holder else { return "no daemon is running" }
        guard holder.contains("(run)"), let since = holder.split(separator: " ").last,
            let start = Timestamp(String(since)), start <= now
        else { return "held by \(holder)" }
        return "up \(Shown.span(milliseconds: now.milliseconds - start.milliseconds))"
    }

    /// When the inbox last answered, and by what it is known.
    private var server: String {
        guard case .sftp = configuration.inbox.address else {
            return overview.lastListing.map { "folder read \(Shown.time($0.startedAt, now: now))" }
                ?? "folder never read"
        }
        let reached =
            overview.lastListing.map { "server reached \(Shown.time($0.startedAt, now: now))" }
            ?? "server never reached"
        let isPinned = overview.pins > 0 || !configuration.inbox.hostKeys.isEmpty
        let key = isPinned ? "host key pinned" : "no host key pinned"
        return
            "\(reached), \(!isPinned && configuration.inbox.knownHosts != nil ? "host key by known_hosts" : key)"
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

    private var healths: Healths {
        Healths(
            configuration,
            overview: overview,
            arrivals: arrivals,
            disk: disk,
            stopped: holder == nil ? "no daemon is running" : nil,
            now: now
        )
    }

    private var needyCount: Int {
        overview.held.count + incidents.count + arrivals.count { $0.state == .missing }
            + (overview.mailsDead > 0 ? 1 : 0)
    }

    /// The conditions that last; what is missing stands among the arrivals.
    private var incidents: [IncidentRow] { overview.incidents.filter { $0.kind != Healths.missingType } }

    private var needs: String {
        let late = arrivals.filter { $0.state != .fresh }.sorted { $0.state == .missing && $1.state == .late }
        guard needyCount + late.count > 0 else { return "" }
        var text = "\nneeds you\n"
        for file in overview.held {
            text += "  held     \(file.id) \(file.type ?? "")  \(DisplayText(file.name).escaped)   "
            text += "\(guardClause(overview.holds[file.id]))\n"
            text += "           ledgerdrop release \(file.id) | ledgerdrop discard \(file.id)\n"
        }
        for incident in incidents { text += "  \(told(incident))\n" }
        for arrival in late { text += "  \(told(arrival))\n" }
        if overview.mailsDead > 0 { text += "  mail     \(overview.mailsDead) could not be delivered\n" }
        return text
    }

    private func told(_ incident: IncidentRow) -> String {
        let subject = DisplayText(incident.subject).escaped
        let since = "since \(Shown.time(incident.openedAt, now: now))"
        switch incident.kind {
        case Healths.failingType: return "failing  \(subject)  \(since)"
        default:
            let remedy = IncidentText(kind: incident.kind, subject: incident.subject).remedy()
            return
                "\(incident.kind.replacing("_", with: " ").padded(to: 7))  \(subject)  \(since)\n           \(remedy)"
        }
    }

    private func told(_ arrival: Arrival) -> String {
        var text = "\(arrival.state.rawValue.padded(to: 7))  \(arrival.type)  expected \(arrival.expected)"
        if let due = arrival.dueAt { text += "; was due \(Shown.time(due.textInSeconds, now: now))" }
        text +=
            arrival.lastLoadedAt.map { "; last loaded \(Shown.time($0.textInSeconds, now: now))" }
            ?? "; never loaded"
        if let file = arrival.stopped {
            text +=
                "; \(file.id) \(DisplayText(file.name).escaped) \(file.state == "held" ? "is held" : "failed")"
        }
        return text
    }

    /// How a type stands: what a person is needed for goes before what became of its last file.
    private func standing(_ file: FileRow) -> String {
        let arrival = arrivals.first { $0.type == file.type }
        if let arrival, arrival.state != .fresh { return arrival.state.rawValue }
        if overview.held.contains(where: { $0.type == file.type }) { return "held" }
        return arrival != nil && FileState(rawValue: file.state)?.isApplied == true ? "fresh" : file.state
    }

    private var types: String {
        let unseen = arrivals.filter { arrival in !overview.lastFiles.contains { $0.type == arrival.type } }
        guard !(overview.lastFiles.isEmpty && unseen.isEmpty) else { return "" }
        var table = TextTable(["type", "last file", "at", "rows", "rejected", "state"], numbers: [3, 4])
        for file in overview.lastFiles {
            // A held file has counts of what it would do, and nothing of it is done.
            let isHeld = file.state == FileState.held.rawValue
            table.add([
                file.type ?? "", DisplayText(file.name).escaped,
                Shown.time(file.settledAt ?? file.receivedAt ?? file.firstSeenAt, now: now),
                isHeld ? "" : file.total.map { "\($0)" } ?? "",
                isHeld ? "" : file.rejected.map { "\($0)" } ?? "", standing(file),
            ])
        }
        for arrival in unseen { table.add([arrival.type, "", "", "", "", arrival.state.rawValue]) }
        return "\n" + table.text
    }
}

extension Arrival {
    fileprivate var jsonValue: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("type", .text(type)), ("state", .text(state.rawValue)), ("since", .text(since.text)),
            ("expected", .text(expected)),
        ]
        let times = [("due_at", dueAt), ("missing_at", missingAt), ("last_loaded_at", lastLoadedAt)]
        members += times.compactMap { name, time in time.map { (name, .text($0.text)) } }
        if let stopped {
            members.append(("last_file", .integer(stopped.id)))
            members.append(("last_file_state", .text(stopped.state)))
        }
        return .object(members)
    }
}

extension IncidentRow {
    fileprivate var jsonValue: JSONValue {
        .object([("kind", .text(kind)), ("subject", .text(subject)), ("opened_at", .text(openedAt))])
    }
}
