package import Intake
package import Ledger
import Receivables
import Threads

/// One run: from the cut-off listing to the disposal of what was loaded.
///
/// Everything it knows is in the ledger, so that a run that was interrupted anywhere goes on from there.
package struct Run: Sendable {
    private let ledger: Ledger
    private let inbox: any Inbox
    private let spool: Spool
    private let settings: RunSettings
    private let steps: RunSteps
    private let clock: RunClock
    private let stop: RunStop
    private let progress: (@Sendable (RunProgress) -> Void)?

    private var runs: RunLedger { RunLedger(ledger) }
    private var files: FileLedger { FileLedger(ledger) }

    package init(
        ledger: Ledger,
        inbox: any Inbox,
        spool: Spool,
        settings: RunSettings,
        steps: RunSteps,
        clock: RunClock = .host,
        stop: RunStop,
        progress: (@Sendable (RunProgress) -> Void)? = nil
    ) {
        self.ledger = ledger
        self.inbox = inbox
        self.spool = spool
        self.settings = settings
        self.steps = steps
        self.clock = clock
        self.stop = stop
        self.progress = progress
    }

    /// Serves a slot, or a request.
    ///
    /// Returns `nil` when another run serves or served that slot. Throws an error of the ledger or the spool that leaves
    /// nothing to go on with; the run is then resumed at the next start.
    package func serve(_ trigger: RunTrigger, slot: Timestamp) async throws -> RunOutcome? {
        guard let id = try runs.begin(trigger, slot: slot, at: clock.now()) else { return nil }
        return try await go(
            OpenRun(id: id, slot: slot, trigger: trigger, stage: .listing, hasCutOff: false)
        )
    }

    /// Goes on with the runs that were interrupted, oldest first, each under its own id.
    package func resume() async throws -> [RunOutcome] {
        var outcomes: [RunOutcome] = []
        for open in try runs.unfinished() {
            guard !stop.isSet else { break }
            try runs.resume(open.id, at: clock.now())
            outcomes.append(try await go(open))
        }
        return outcomes
    }

    private func go(_ run: OpenRun) async throws -> RunOutcome {
        do {
            let outcome = try await stages(of: run)
            await inbox.close()
            return outcome
        } catch is RunInterruption {
            await inbox.close()
            try runs.interrupt(run.id, at: clock.now())
            return RunOutcome(run: run.id, slot: run.slot, trigger: run.trigger, state: .interrupted)
        } catch {
            await inbox.close()
            throw error
        }
    }

    private func stages(of run: OpenRun) async throws -> RunOutcome {
        let deadline = clock.uptime() + settings.deadline
        try await onOwnThread { [spool] in try spool.removeLeftovers() }
        var validations: [InboxEntry] = []
        if run.stage == .listing {
            let listings = RunListings(
                run: run,
                inbox: inbox,
                runs: runs,
                settings: settings,
                clock: clock,
                stop: stop,
                progress: progress
            )
            do {
                let (counts, found) = try await plan(listings, run: run)
                validations = found
                guard counts.isBalanced else { return try fail(run, .unbalanced, "listed \(counts)") }
                progress?(.planned(counts))
            } catch let failure as ListingFailure {
                return try fail(run, failure.reason, failure.message)
            }
        }
        if run.stage == .listing || run.stage == .fetching {
            try await fetch(run, deadline: deadline)
            try runs.beginLoading(run.id)
        }
        try await load(run, deadline: deadline)
        // Only now: a parent may have come with this very run.
        try await onOwnThread { [steps] in try steps.expireParked(run.id) }
        try await validate(validations, run, deadline: deadline)
        try await dispose()
        return try await finish(run)
    }

    private func plan(_ listings: RunListings, run: OpenRun) async throws -> (PlanCounts, [InboxEntry]) {
        let layout = InboxLayout(settings.layout, marker: settings.marker)
        let taken = try await listings.take(layout)
        let (cutOff, confirmation) = (taken.cutOff, taken.confirmation)
        let vouched = try await listings.vouched(among: confirmation)
        let planner = Planner(filesPerRun: settings.filesPerRun, vouched: vouched)
        let book = PlanLedger(ledger)
        let counts = try await onOwnThread { [clock] in
            let plan = planner.plan(cutOff: cutOff, confirmation: confirmation, known: try book.known())
            guard plan.counts.isBalanced else { return plan.counts }
            try book.commit(
                plan.entries,
                absent: plan.absent,
                counts: plan.counts,
                run: run.id,
                at: clock.now()
            )
            return plan.counts
        }
        return (counts, taken.validations)
    }

    /// Looks at the files that are not meant to be loaded, now that the drop's own are.
    private func validate(_ found: [InboxEntry], _ run: OpenRun, deadline: Duration) async throws {
        let validation = Validation(
            run: run,
            inbox: inbox,
            spool: spool,
            book: ValidationLedger(ledger),
            settings: settings,
            steps: steps,
            clock: clock,
            stop: stop,
            deadline: deadline
        )
        try await validation(found)
    }

    private func fetch(_ run: OpenRun, deadline: Duration) async throws {
        let fetch = FetchBatch(
            run: run.id,
            inbox: inbox,
            spool: spool,
            files: files,
            settings: settings,
            clock: clock,
            stop: stop,
            deadline: deadline,
            progress: progress
        )
        let hasRoom = try await fetch()
        let free = try spool.freeBytes()
        try SpoolLedger(ledger).noteDisk(
            isLow: !hasRoom || free < settings.freeBytes,
            freeBytes: free,
            run: run.id,
            at: clock.now()
        )
    }

    private func load(_ run: OpenRun, deadline: Duration) async throws {
        let load = RunLoad(
            run: run,
            files: files,
            spool: spool,
            book: SpoolLedger(ledger),
            settings: settings,
            steps: steps,
            clock: clock,
            stop: stop,
            deadline: deadline,
            progress: progress
        )
        try await load()
    }

    private func dispose() async throws {
        let disposer = Disposer(
            ledger: ledger,
            inbox: inbox,
            spool: spool,
            settings: settings,
            clock: clock,
            stop: stop,
            progress: progress
        )
        try await disposer.carryOut()
        try await ValidationDisposer(ledger: ledger, inbox: inbox, clock: clock, stop: stop).carryOut()
        if stop.isSet { throw RunInterruption() }
    }

    private func finish(_ run: OpenRun) async throws -> RunOutcome {
        let ended = try runs.finish(run.id, at: clock.now())
        let horizon = clock.now().adding(seconds: -settings.spoolKeep)
        let book = SpoolLedger(ledger)
        try await onOwnThread { [spool] in
            let copies = try spool.copies()
            let unneeded = try book.unneeded(among: copies, settledBefore: horizon)
            for copy in unneeded { try spool.remove(copy) }
            let gone = Set(unneeded)
            try book.reconcile(copies.filter { !gone.contains($0) }, removed: unneeded) { spool.size(of: $0) }
        }
        return RunOutcome(
            run: run.id,
            slot: run.slot,
            trigger: run.trigger,
            state: ended.reason == nil ? .finished : .failed,
            reason: ended.reason,
            plan: ended.plan,
            batch: ended.batch,
            hasFindings: try files.hasFindings(in: run.id)
        )
    }

    private func fail(_ run: OpenRun, _ reason: RunFailureReason, _ message: String) throws -> RunOutcome {
        try runs.fail(run.id, reason: reason, message: message, at: clock.now())
        return RunOutcome(
            run: run.id,
            slot: run.slot,
            trigger: run.trigger,
            state: .failed,
            reason: reason,
            message: message
        )
    }
}
