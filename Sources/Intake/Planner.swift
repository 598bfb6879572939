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
        var plan = Plan(cutOff: cutOff, confirmation: confirmation)
        plan.decisions.reserveCapacity(confirmation.count)
        var resumed: Set<Int64> = []
        var absent = AbsentFiles(known)
        PairedListings(cutOff, confirmation).visit { before, after in
            let decision = decision(on: before, after, in: plan, facts: facts)
            if case .resumed(let file) = decision.disposition { resumed.insert(file) }
            if !known.isEmpty { absent.note(plan.path(of: decision), isConfirmed: after != nil) }
            plan.decisions.append(decision)
        }
        plan.listed = plan.decisions.count
        // What was received and is not there any more, or lies under something newer, is ours all the same.
        for (place, file) in known.enumerated() where file.state == .received && !resumed.contains(file.id) {
            plan.carry(place, of: known)
        }
        limit(&plan, facts: facts)
        plan.absent = absent.files
        plan.counts = PlanCounts(of: plan.decisions.lazy.map(\.disposition), listed: plan.listed)
        return plan
    }

    private func decision(on before: Int?, _ after: Int?, in plan: Plan, facts: Facts) -> Plan.Decision {
        let earlier = before.map { plan.cutOff[$0] }
        let later = after.map { plan.confirmation[$0] }
        let source: Plan.Source = if let after { .confirmation(after) } else { .cutOff(before ?? 0) }
        var decision = Plan.Decision(source: source, disposition: .ignored(.notAFile))
        guard let listed = later ?? earlier else { return decision }
        let path = facts.isEmpty && vouched == nil ? [] : listed.pathBytes
        let live = facts.live(path)
        let ignored = facts.ignored(path)
        if case .ignored(let reason) = listed.verdict {
            decision.disposition = .ignored(reason)
            decision.row = ignored?.id
            decision.replaces = live?.id
            return decision
        }
        if let live, live.size == listed.entry.size, live.mtime == listed.entry.modified, earlier != nil {
            if live.state == .received {
                decision.disposition = .resumed(file: live.id)
                decision.row = live.id
                return decision
            }
            if let reason = Self.settled(live) {
                decision.disposition = .settled(reason)
                return decision
            }
        }
        if let live {
            if live.state == .waiting { decision.row = live.id } else { decision.replaces = live.id }
        } else if let ignored, !ignored.isGone {
            decision.row = ignored.id
        }
        decision.disposition = newcomer(path, before: earlier, after: later)
        return decision
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
        for (index, decision) in plan.decisions.enumerated() {
            switch decision.disposition {
            case .resumed: room -= 1
            case .batch: candidates.append(index)
            case .waiting, .settled, .ignored: break
            }
        }
        guard candidates.count > max(0, room) else { return }
        let aged = candidates.map { index in
            let entry = plan.planned(plan.decisions[index])
            // "~" is later than every time.
            return (index: index, age: facts.live(entry.path)?.firstSeen ?? "~", time: entry.mtime ?? .min)
        }
        let inOrder = aged.sorted { ($0.age, $0.time, $0.index) < ($1.age, $1.time, $1.index) }
        for (index, _, _) in inOrder.dropFirst(max(0, room)) {
            plan.decisions[index].disposition = .waiting(.overFilesPerRun)
        }
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

        var isEmpty: Bool { known.isEmpty }

        func live(_ path: [UInt8]) -> KnownFile? { lives[path].map { known[$0] } }
        func ignored(_ path: [UInt8]) -> KnownFile? { ignores[path].map { known[$0] } }
    }

    /// Finds the files that complete listings did not show.
    private struct AbsentFiles {
        private let known: [KnownFile]
        private var places: [[UInt8]: [Int]] = [:]
        private var seen: Set<Int> = []

        init(_ known: [KnownFile]) {
            self.known = known
            for (place, file) in known.enumerated() where !file.isGone {
                places[file.path, default: []].append(place)
            }
        }

        /// Notes an entry of the cut-off listing, of the confirmation, or of both.
        mutating func note(_ path: [UInt8], isConfirmed: Bool) {
            for place in places[path] ?? [] where isConfirmed || known[place].state == .waiting {
                seen.insert(place)
            }
        }

        var files: [Int64] {
            known.indices.filter { !known[$0].isGone && !seen.contains($0) }.map { known[$0].id }
        }
    }
}
