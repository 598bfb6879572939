package import Ledger

/// Decides what a run takes: a pure function of two listings, the ledger and the settings.
package struct Planner: Sendable {
    /// Which files a completion marker vouches for; `nil` when no markers are used.
    package var vouched: Set<[UInt8]>?
    /// How many files one run takes at most.
    package var filesPerRun: Int

    package init(filesPerRun: Int, vouched: Set<[UInt8]>? = nil) {
        self.filesPerRun = filesPerRun
        self.vouched = vouched
    }

    /// Gives every entry of the union of both listings exactly one disposition.
    ///
    /// Both listings are complete. With a quiet period of zero both are the same.
    package func plan(
        cutOff: [ListedEntry],
        confirmation: [ListedEntry],
        known: [KnownFile]
    ) -> Plan {
        let facts = Facts(known)
        // Places in the arrays rather than copies: a listing may have 100,000 entries.
        let before = Self.places(cutOff)
        let after = Self.places(confirmation)
        var plan = Plan()
        plan.entries.reserveCapacity(after.count)
        for (path, place) in after {
            let entry = confirmation[place]
            let earlier = before[path].map { cutOff[$0] }
            plan.entries.append(disposition(of: entry, at: path, before: earlier, after: entry, facts: facts))
        }
        for (path, place) in before where after[path] == nil {
            let entry = cutOff[place]
            plan.entries.append(disposition(of: entry, at: path, before: entry, after: nil, facts: facts))
        }
        var resumed: Set<Int64> = []
        for entry in plan.entries {
            if case .resumed(let file) = entry.disposition { resumed.insert(file) }
        }
        plan.listed = plan.entries.count
        // What was received and is not there any more, or lies under something newer, is ours all the same.
        for file in known where file.state == .received && !resumed.contains(file.id) {
            plan.entries.append(
                PlannedEntry(
                    path: file.path,
                    directory: "",
                    name: "",
                    type: nil,
                    size: file.size,
                    mtime: file.mtime,
                    disposition: .resumed(file: file.id),
                    row: file.id
                )
            )
            plan.listed += 1
        }
        plan.entries.sort { $0.path.lexicographicallyPrecedes($1.path) }
        limit(&plan, facts: facts)
        plan.absent =
            known.filter {
                !$0.isGone && after[$0.path] == nil && (before[$0.path] == nil || $0.state != .waiting)
            }
            .map(\.id)
        plan.counts = PlanCounts(of: plan.entries, listed: plan.listed)
        return plan
    }

    private func disposition(
        of listed: ListedEntry,
        at path: [UInt8],
        before: ListedEntry?,
        after: ListedEntry?,
        facts: Facts
    ) -> PlannedEntry {
        let live = facts.live(path)
        let ignored = facts.ignored(path)
        var planned = PlannedEntry(
            path: path,
            directory: listed.entry.directory.text,
            name: listed.entry.name.text,
            type: nil,
            size: listed.entry.size,
            mtime: listed.entry.modified,
            disposition: .ignored(.notAFile)
        )
        switch listed.verdict {
        case .ignored(let reason):
            planned.disposition = .ignored(reason)
            planned.row = ignored?.id
            planned.replaces = live?.id
            return planned
        case .taken(let type): planned.type = type
        }
        if let live, live.size == listed.entry.size, live.mtime == listed.entry.modified, before != nil {
            if live.state == .received {
                planned.disposition = .resumed(file: live.id)
                planned.row = live.id
                return planned
            }
            if let reason = Self.settled(live) {
                planned.disposition = .settled(reason)
                return planned
            }
        }
        if let live {
            if live.state == .waiting { planned.row = live.id } else { planned.replaces = live.id }
        } else if let ignored, !ignored.isGone {
            planned.row = ignored.id
        }
        planned.disposition = newcomer(path, before: before, after: after)
        return planned
    }

    /// A file that is new to us, or has been waiting.
    private func newcomer(_ path: [UInt8], before: ListedEntry?, after: ListedEntry?) -> Disposition {
        guard let after else { return .waiting(.gone) }
        guard let before else { return .waiting(.arrivedAfterCutOff) }
        guard before.entry.size == after.entry.size, before.entry.modified == after.entry.modified else {
            return .waiting(.stillChanging)
        }
        if let vouched, !vouched.contains(path) { return .waiting(.markerMissing) }
        return .batch
    }

    private static func settled(_ file: KnownFile) -> SettledReason? {
        switch file.state {
        case .held: .heldByGuard
        case .loaded, .loadedWithErrors, .failed, .superseded, .duplicate, .discarded:
            file.isDisposalPending ? .disposalPending : .settledBefore
        case .waiting, .received, .ignored: nil
        }
    }

    /// Leaves what is over the limit for the next run; those that have waited longest go first.
    private func limit(_ plan: inout Plan, facts: Facts) {
        var room = filesPerRun
        var candidates: [Int] = []
        for (index, entry) in plan.entries.enumerated() {
            switch entry.disposition {
            case .resumed: room -= 1
            case .batch: candidates.append(index)
            case .waiting, .settled, .ignored: break
            }
        }
        guard candidates.count > max(0, room) else { return }
        // "~" is later than every time.
        let entries = plan.entries
        let age = { (index: Int) in facts.live(entries[index].path)?.firstSeen ?? "~" }
        let inOrder = candidates.sorted { left, right in
            let ages = (age(left), age(right))
            if ages.0 != ages.1 { return ages.0 < ages.1 }
            let times = (entries[left].mtime ?? .min, entries[right].mtime ?? .min)
            return times.0 != times.1 ? times.0 < times.1 : left < right
        }
        for index in inOrder.dropFirst(max(0, room)) {
            plan.entries[index].disposition = .waiting(.overFilesPerRun)
        }
    }

    private static func places(_ entries: [ListedEntry]) -> [[UInt8]: Int] {
        var places: [[UInt8]: Int] = [:]
        places.reserveCapacity(entries.count)
        for (place, entry) in entries.enumerated() { places[entry.pathBytes] = place }
        return places
    }

    /// What the ledger knows, by path.
    private struct Facts {
        private let known: [KnownFile]
        /// Where the appearance stands that may still lie there.
        private var lives: [[UInt8]: Int] = [:]
        private var ignores: [[UInt8]: Int] = [:]

        init(_ known: [KnownFile]) {
            self.known = known
            for (place, file) in known.enumerated() {
                if file.state == .ignored {
                    ignores[file.path] = place
                } else if !file.isGone {
                    lives[file.path] = place
                }
            }
        }

        func live(_ path: [UInt8]) -> KnownFile? { lives[path].map { known[$0] } }
        func ignored(_ path: [UInt8]) -> KnownFile? { ignores[path].map { known[$0] } }
    }
}

/// What a run makes of the inbox.
package struct Plan: Sendable {
    /// Every entry once, by path.
    package var entries: [PlannedEntry] = []
    /// The rows whose files a complete listing did not show.
    package var absent: [Int64] = []
    /// The union of both listings, and what an earlier run received and did not load.
    package var listed = 0
    package var counts = PlanCounts()

    package init() {}
}
