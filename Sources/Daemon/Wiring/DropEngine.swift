import Ingestion
import Intake
import Ledger
import Logging
import Threads

/// What the daemon of a drop does: runs, and what operators ask for, with the parts that know how.
struct DropEngine: DropWork {
    /// How many rows a run compares before it ends, some hundredths of a second; the rest is done when it is over.
    private static let comparedAtOnce = 10_000

    private let drop: OpenDrop
    private let spool: Spool
    private let pulse: Pulse
    private let time: any WallTime
    private let clerk: Clerk<DecidedFiles>
    private let arrivals: ArrivalWatch
    private let tell: WorkProgress.Teller?
    private let surroundings: Surroundings
    private let stopping = RunStop()

    init(
        _ drop: OpenDrop,
        spool: Spool,
        mail: MailDesk,
        arrivals: ArrivalWatch,
        time: any WallTime,
        pulse: Pulse,
        progress: WorkProgress.Teller?,
        in surroundings: Surroundings
    ) {
        self.drop = drop
        self.spool = spool
        self.arrivals = arrivals
        self.pulse = pulse
        self.time = time
        tell = progress
        self.surroundings = surroundings
        let now: @Sendable () -> Timestamp = { time.now }
        let files = DecidedFiles(drop: drop, spool: spool, mail: mail, now: now)
        clerk = Clerk(drop.ledger, desk: files, now: now)
    }

    func resume() async throws {
        pulse.rest(for: .seconds(1800))
        try await onOwnThread { [drop] in try drop.checkLedger() }
        guard try !RunLedger(drop.ledger).unfinished().isEmpty else { return }
        _ = try await behindThePage { try await $0.resume() }
    }

    func lastClosedSlot(atOrBefore now: Timestamp) throws -> Timestamp? {
        let slots = SlotLedger(drop.ledger)
        if let last = try slots.lastClosed(notAfter: now) { return last }
        // Before the first was served, slots count from the first start on: one that passes before the second is missed.
        let start = min(try slots.firstStart() ?? now, now)
        return Schedule(minute: drop.live.current.schedule.minute).slot(atOrBefore: start)
    }

    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason) throws {
        try SlotLedger(drop.ledger).skip(
            from: slots.from,
            to: slots.to,
            count: slots.count,
            reason: reason,
            at: time.now
        )
    }

    func run(_ trigger: RunTrigger, slot: Timestamp) async throws {
        let outcome = try await behindThePage { try await $0.serve(trigger, slot: slot) }
        if outcome?.state == .finished { await lookAtClaims() }
        await reconcile(upTo: Self.comparedAtOnce)
        await writeMetrics()
    }

    func serve(_ request: Request) async -> Answer {
        guard request.verb == .reconcile else { return await clerk.serve(request) }
        do {
            try await clerk.note(request)
            if case .left = try await compare() {
                return Answer(exit: .temporary, problem: "the daemon is stopping")
            }
            return Answer()
        } catch {
            return Answer(exit: ExitStatus(error), problem: "\(error)")
        }
    }

    func poll(_ request: Request) async -> Answer {
        do {
            try await clerk.note(request)
            // Without a daemon nobody has gone on with what was interrupted; its findings count like those of this run.
            let isInterrupted = try !RunLedger(drop.ledger).unfinished().isEmpty
            let resumed = isInterrupted ? try await behindThePage { try await $0.resume() } : []
            guard let outcome = try await behindThePage({ try await $0.serve(.request, slot: time.now) })
            else {
                return Answer(exit: .temporary, problem: "another run is at work")
            }
            arrivals.noteCaughtUp()
            try await arrivals.look(drop.live.current, now: time.now)
            // Where a variance is an alert, nobody may wait for it.
            await reconcile(upTo: drop.live.current.loading.varianceAlert ? nil : Self.comparedAtOnce)
            await writeMetrics()
            var answer = Self.answer(outcome)
            answer.text = resumed.map { Self.answer($0).text }.joined() + answer.text
            if answer.exit == .ok, resumed.contains(where: \.hasFindings) { answer.exit = .dataError }
            return answer
        } catch {
            return Answer(exit: ExitStatus(error), problem: "\(error)")
        }
    }

    func tidy() async throws {
        arrivals.noteCaughtUp()
        // What the run left, and what an operator released or replayed since.
        if await reconcile() { await writeMetrics() }
        try await dispose()
    }

    private func dispose() async throws {
        guard let due = try nextTidy(), due <= time.now else { return }
        let inbox = try openInbox()
        let disposer = Disposer(
            ledger: drop.ledger,
            inbox: inbox,
            spool: spool,
            settings: runSettings(drop.live.current),
            clock: clock,
            stop: stopping
        )
        do {
            try await disposer.carryOut(dueAt: time.now)
            try await ValidationDisposer(ledger: drop.ledger, inbox: inbox, clock: clock, stop: stopping)
                .carryOut(dueAt: time.now)
        } catch {
            await inbox.close()
            throw error
        }
        await inbox.close()
    }

    func nextTidy() throws -> Timestamp? {
        let next = [
            try DisposalLedger(drop.ledger).nextAttempt(), try ValidationLedger(drop.ledger).nextAttempt(),
        ]
        return next.compactMap(\.self).min()
    }

    func stop() { stopping.set() }

    /// Holds stated balances against open items, if any of them may have changed; a load never waits for it.
    ///
    /// - Parameter limit: How many rows may be looked at; with more, it is left for later.
    /// - Returns: Whether anything was compared.
    @discardableResult
    private func reconcile(upTo limit: Int? = nil) async -> Bool {
        do {
            switch try await compare(upTo: limit) {
            case .changes, .all: return true
            case .notDue, .left: return false
            }
        } catch {
            // The last comparison stands, and the next time it is tried again.
            drop.logger.error("balances cannot be compared", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func compare(upTo limit: Int? = nil) async throws -> Reconciler.Outcome {
        let settings = Reconciler.Settings(drop.live.current)
        pulse.rest(for: .seconds(1800))
        defer { pulse.beat() }
        return try await StandingBack.$isOn.withValue(true) {
            try await onOwnThread { [drop, time, stopping] in
                try Reconciler(drop.ledger).reconcile(settings, at: time.now, upTo: limit) {
                    stopping.isSet
                }
            }
        }
    }

    /// Looks whether another daemon that serves this drop has left files behind that it took.
    private func lookAtClaims() async {
        let configuration = drop.live.current
        guard configuration.inbox.claim else { return }
        do {
            let settings = runSettings(configuration)
            let inbox = try openInbox()
            let layout = InboxLayout(settings.layout, marker: settings.marker)
            let claims = ForeignClaims(inbox, layout: layout, owner: drop.ledger.uuid)
            let found: Result<[ForeignClaim], InboxFailure>
            do throws(InboxFailure) { found = .success(try await claims.look()) } catch {
                found = .failure(error)
            }
            await inbox.close()
            try await ClaimLedger(drop.ledger).note(found.get(), at: time.now)
        } catch {
            // The next run looks again.
            drop.logger.warning("the claims of others cannot be seen", metadata: ["error": "\(error)"])
        }
    }

    private func writeMetrics() async {
        guard let file = MetricsFile(of: drop) else { return }
        do {
            try await onOwnThread { [time] in try file.write(at: time.now) }
        } catch {
            drop.logger.error("metrics cannot be written", metadata: ["error": "\(error)"])
        }
    }

    private var clock: RunClock {
        var clock = surroundings.clock
        clock.now = { [time] in time.now }
        return clock
    }

    private func runSettings(_ configuration: Configuration) -> RunSettings {
        var settings = RunSettings(configuration)
        if let width = surroundings.disposalsAtOnce { settings.disposalsAtOnce = width }
        return settings
    }

    private func openInbox() throws -> PulsingInbox {
        if let inbox = surroundings.inbox { return PulsingInbox(inbox: inbox(), pulse: pulse) }
        let inbox = try InboxWiring.inbox(
            drop.live.current,
            secrets: drop.live.secrets,
            ledger: drop.ledger,
            at: time.now
        )
        return PulsingInbox(inbox: inbox, pulse: pulse)
    }

    /// Does what a run has to do; whoever looks at the page goes before it.
    private func behindThePage<Value: Sendable>(_ work: (Run) async throws -> Value) async throws -> Value {
        let run = try run()
        return try await StandingBack.$isOn.withValue(drop.live.current.page != nil) { try await work(run) }
    }

    /// A run under the configuration in force.
    private func run() throws -> Run {
        let configuration = drop.live.current
        let loader = Loader(ledger: drop.ledger, settings: LoadSettings(configuration))
        let tellLoad: @Sendable (LoadProgress) -> Void = { [pulse, tell] load in
            pulse.beat()
            tell?(WorkProgress(load))
        }
        var steps = RunSteps(loader, now: { [time] in time.now }, progress: tellLoad)
        let heal = steps.heal
        steps.heal = { [pulse] type, batch in
            // As many rows as have ever been parked: one transaction for each file, without a word in between.
            pulse.rest(for: .seconds(1800))
            defer { pulse.beat() }
            return try heal(type, batch)
        }
        let preview = steps.preview
        steps.preview = { [pulse] file, slot, zone, shouldStop in
            pulse.rest(for: .seconds(1800))
            defer { pulse.beat() }
            return try preview(file, slot, zone, shouldStop)
        }
        return Run(
            ledger: drop.ledger,
            inbox: try openInbox(),
            spool: spool,
            settings: runSettings(configuration),
            steps: steps,
            clock: clock,
            stop: stopping,
            progress: { follow($0, configuration) }
        )
    }

    /// Keeps the pulse beating, and tells whoever watches.
    private func follow(_ progress: RunProgress, _ configuration: Configuration) {
        switch progress {
        // A server that cannot be reached is tried again for a while, with nothing to tell in between.
        case .listing: pulse.rest(for: configuration.inbox.retryFor + .seconds(120))
        case .quiet(let duration): pulse.rest(for: duration)
        case .fetching(let name, let bytes, let size):
            pulse.beat()
            tell?(WorkProgress(stage: .fetching, name: name, bytes: bytes, size: size))
        case .planned, .fetched, .loading, .disposing: pulse.beat()
        }
    }

    private static func answer(_ outcome: RunOutcome) -> Answer {
        let plan = outcome.plan
        let batch = outcome.batch
        var text = "run \(outcome.run) \(outcome.state.rawValue)"
        if let reason = outcome.reason { text += ": \(reason.rawValue)" }
        text +=
            "\n\(plan.listed) listed = \(plan.batched) batched + \(plan.waiting) waiting + \(plan.settled) settled"
        text += " + \(plan.ignored) ignored\n"
        text += "\(plan.batched) batched = \(batch.ingested) ingested + \(batch.duplicate) duplicate"
        text += " + \(batch.failed) failed + \(batch.deferred) deferred\n"
        var members: [(key: String, value: JSONValue)] = [
            ("run", .integer(outcome.run)), ("state", .text(outcome.state.rawValue)),
        ]
        if let reason = outcome.reason { members.append(("reason", .text(reason.rawValue))) }
        let counts: [(String, Int)] = [
            ("listed", plan.listed), ("batched", plan.batched), ("waiting", plan.waiting),
            ("settled", plan.settled),
            ("ignored", plan.ignored), ("ingested", batch.ingested), ("duplicate", batch.duplicate),
            ("failed", batch.failed), ("deferred", batch.deferred),
        ]
        members += counts.map { ($0.0, .integer(Int64($0.1))) }
        return Answer(
            exit: ExitStatus(outcome),
            text: text,
            json: JSONValue.json(of: members),
            problem: outcome.message ?? ""
        )
    }
}

extension ExitStatus {
    fileprivate init(_ outcome: RunOutcome) {
        switch (outcome.state, outcome.reason) {
        case (.interrupted, _): self = .temporary
        case (_, let reason?): self.init(reason)
        case (.failed, nil): self = .software
        case (.finished, nil): self = outcome.hasFindings ? .dataError : .ok
        }
    }
}

extension WorkProgress {
    init(_ load: LoadProgress) {
        self.init(
            stage: load.pass == .survey ? .reading : .loading,
            name: load.name,
            bytes: load.bytes,
            size: load.size,
            rows: load.rows
        )
    }
}
