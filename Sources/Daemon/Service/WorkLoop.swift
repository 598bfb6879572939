import Ledger
package import Logging
import ServiceLifecycle

/// Makes a run at each slot and serves requests, one thing after the other, until it is told to stop.
///
/// On graceful shutdown the file in hand is finished or rolled back, the rest of the batch is left for the next start,
/// and a loop that is only waiting returns at once.
package struct WorkLoop<Work: DropWork, Time: WallTime>: Sendable {
    /// How long what could not be tidied rests before it is tried again.
    private static var pause: Int64 { 60 }

    private let work: Work
    private let time: Time
    private let requests: RequestFolder
    private let watch: FolderWatch
    private let schedule: @Sendable () -> ScheduleSettings
    private let pulse: Pulse
    private let logger: Logger

    /// `schedule` is asked anew each time, since a reload may change it.
    package init(
        _ work: Work,
        time: Time,
        requests: RequestFolder,
        watch: FolderWatch,
        schedule: @escaping @Sendable () -> ScheduleSettings,
        pulse: Pulse,
        logger: Logger
    ) {
        self.work = work
        self.time = time
        self.requests = requests
        self.watch = watch
        self.schedule = schedule
        self.pulse = pulse
        self.logger = logger
    }

    /// Works until the shutdown.
    ///
    /// - Throws: What `work` throws for a world that is beyond repair: the ledger is lost to another or damaged.
    package func run() async throws {
        requests.prune()
        pulse.beat()
        var floor = time.now
        let (wakeups, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (knocks, knocker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup { group in
            group.addTask {
                for await _ in watch.changes {
                    bell.yield()
                    knocker.yield()
                }
            }
            group.addTask { for await _ in knocks { await serveRequests { !$0.takesTurns } } }
            bell.yield()
            knocker.yield()
            let alarm = try time.makeAlarm { bell.yield() }
            try await work.resume()
            try await catchUp()
            try await withGracefulShutdownHandler {
                for await _ in wakeups {
                    if stopped { break }
                    pulse.beat()
                    let now = time.now
                    try await serveDueSlot(at: now, &floor)
                    await serveRequests(\.takesTurns)
                    try await tidy()
                    try rest(from: now, until: alarm)
                }
            } onGracefulShutdown: {
                bell.finish()
            }
            group.cancelAll()
        }
    }

    private func tidy() async throws {
        do {
            try await work.tidy()
        } catch  where ExitStatus(error) != .software && !(error is LedgerFailure) {
            // The server or the disk is in the way; what was due stays due.
            logger.error("disposals wait", metadata: ["error": "\(error)"])
        }
    }

    /// Lets the work in hand end soon.
    package func stop() { work.stop() }

    private var stopped: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    /// Sleeps until the next slot, or until something is to be tidied; a request comes in between, or a clock that is set.
    ///
    /// `looked`: when slots were looked for; one that has come since rings at once.
    private func rest(from looked: Timestamp, until alarm: any Alarm) throws {
        var next = Schedule(minute: schedule().minute).slot(after: looked)
        let now = time.now
        if let tidy = try work.nextTidy() { next = min(next, max(tidy, now.adding(seconds: Self.pause))) }
        alarm.set(next)
        pulse.rest(for: .milliseconds(max(0, next.milliseconds - now.milliseconds)))
    }

    private func catchUp() async throws {
        let settings = schedule()
        let now = time.now
        guard let last = try work.lastClosedSlot(atOrBefore: now), !stopped else { return }
        let due = Schedule(minute: settings.minute).due(at: now, after: last, servingNewest: settings.catchUp)
        if let skipped = due.skipped { try work.skip(skipped, because: .missed) }
        if let slot = due.slot { try await serve(slot, .catchUp) }
    }

    /// `floor` is where slots begin to count for a drop that has not served any.
    private func serveDueSlot(at now: Timestamp, _ floor: inout Timestamp) async throws {
        let settings = schedule()
        // The clock was set back behind our own start: count from there.
        if now < floor { floor = now }
        let start = Schedule(minute: settings.minute).slot(atOrBefore: floor)
        let last = try work.lastClosedSlot(atOrBefore: now) ?? start
        let due = Schedule(minute: settings.minute).due(at: now, after: max(last, start))
        if let skipped = due.skipped { try work.skip(skipped, because: .overrun) }
        if let slot = due.slot { try await serve(slot, .slot) }
    }

    private func serve(_ slot: Timestamp, _ trigger: RunTrigger) async throws {
        logger.debug("slot is due", metadata: ["slot": "\(slot.textInSeconds)"])
        try await work.run(trigger, slot: slot)
        pulse.beat()
    }

    /// Serves those of the requests that lie there which are wanted; what cannot be read is answered too.
    private func serveRequests(_ wanted: @Sendable (Request.Verb) -> Bool) async {
        for pending in requests.pending() where !stopped {
            guard let request = pending.request else {
                answer(pending, Answer(exit: .usage, problem: "the request cannot be read"))
                continue
            }
            guard wanted(request.verb) else { continue }
            let isPoll = request.verb == .poll
            answer(pending, isPoll ? await work.poll(request) : await work.serve(request))
        }
    }

    private func answer(_ pending: RequestFolder.Pending, _ answer: Answer) {
        do {
            try requests.answer(pending.id, answer)
        } catch {
            logger.error("answer cannot be written", metadata: ["error": "\(error)"])
            // It would be served again and again; whoever asks again gets `already_done`.
            requests.withdraw(pending.id)
        }
    }
}
