import Ledger
import Logging
package import ServiceLifecycle
package import StatusPage
import Synchronization
import Threads
import UnixSignals

/// One drop's daemon: the loop that works, and the small services around it.
///
/// Services start in the order of the array and are shut down in reverse, so the status log is told last what all others
/// did.
package struct DropDaemon<Work: DropWork, Time: WallTime>: Sendable {
    private let drop: OpenDrop
    private let work: Work
    private let time: Time
    private let background: [any Service]
    private let page: PageServer?
    private let reloaded: @Sendable () async throws -> Void
    private let manager: ServiceManager
    private let pulse: Pulse
    private let summary: @Sendable () -> String

    /// - Parameters:
    ///   - drop: Held for as long as the daemon lives.
    ///   - work: What is done at a slot and for a request.
    ///   - time: The clock.
    ///   - background: What else goes on: alerts, mail.
    ///   - page: The status page, if there is one.
    ///   - reloaded: Called after another configuration is in force.
    ///   - manager: Told that we are ready, alive and stopping.
    ///   - pulse: Beaten by `work`.
    ///   - summary: One line for `systemctl status`.
    package init(
        _ drop: OpenDrop,
        work: Work,
        time: Time,
        background: [any Service],
        page: PageServer? = nil,
        reloaded: @escaping @Sendable () async throws -> Void,
        manager: ServiceManager,
        pulse: Pulse,
        summary: @escaping @Sendable () -> String
    ) {
        self.drop = drop
        self.work = work
        self.time = time
        self.background = background
        self.page = page
        self.reloaded = reloaded
        self.manager = manager
        self.pulse = pulse
        self.summary = summary
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: What ended the work otherwise; its exit status is ``ExitStatus/init(_:)``.
    package func run() async throws {
        let requests = try RequestFolder(in: drop.state)
        let watch = try FolderWatch(requests.path)
        // From here on a hangup no longer ends us.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let events = EventLedger(drop.ledger)
        try events.append(Event(.daemonStarted, ["version": .text(Version.current)]), at: time.now)
        try events.append(Event(.leaseAcquired, ["fence": .integer(drop.ledger.fence)]), at: time.now)
        manager.ready(status: summary())
        let loop = WorkLoop(
            work,
            time: time,
            requests: requests,
            watch: watch,
            schedule: { [live = drop.live] in live.current.schedule },
            pulse: pulse,
            logger: drop.logger
        )
        let told = Bell()
        let shown = Bell()
        let activity = Activity()
        drop.ledger.whenCommitted {
            told.ring()
            shown.ring()
            activity.note()
        }
        let log = EventService("status log", on: told, logger: drop.logger) { [drop] in
            // Whoever was paused while another took over must not tell what that one has told.
            try await onOwnThread { try drop.ledger.requireLease() }
            try await drop.statusLog.catchUp()
            return Self.longestRest
        }
        let reload = ReloadService(drop, hangups: hangups, reloaded: reloaded) { [time] in time.now }
        var services: [any Service] = [log, tick(after: activity), reload]
        services += listener(shown) as [any Service]
        services += watchdog as [any Service]
        services += background as [any Service]
        if let page { services.append(page) }
        let work = ServiceGroupConfiguration.ServiceConfiguration(
            service: WorkService(loop: loop, manager: manager),
            successTerminationBehavior: .gracefullyShutdownGroup
        )
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) } + [work],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: drop.logger
            )
        )
        // A first slot may come at once, and needs little of what the start did.
        ProcessMemory.release(drop.ledger)
        do {
            try await group.run()
            try end(events, reason: "signal")
        } catch LedgerFailure.leaseLost {
            // Whoever has the ledger now tells it.
            try? events.appendLeaseLost(at: time.now)
            throw LedgerFailure.leaseLost
        } catch {
            try? end(events, reason: "failure")
            throw error
        }
        try await drop.statusLog.catchUp()
        drop.end()
    }

    private func end(_ events: EventLedger, reason: String) throws {
        try events.append(Event(.daemonStopped, ["reason": .text(reason)]), at: time.now)
    }

    /// Tells the service manager that the work goes on.
    private var watchdog: [SteadyTick] {
        guard let interval = manager.watchdogInterval else { return [] }
        // A thread of its own: the others wait for the ledger, which may be busy for longer than the manager waits.
        let tick = SteadyTick("watchdog", every: interval, logger: drop.logger) { [manager, pulse] in
            // Only the work itself keeps the watchdog quiet: a loop that hangs ends with a restart.
            if pulse.isAlive(within: .seconds(300)) { manager.progress() }
        }
        return [tick]
    }

    /// Tells the service manager how things stand.
    private func listener(_ bell: Bell) -> [EventService] {
        guard manager.isThere else { return [] }
        let service = EventService("service status", on: bell, logger: drop.logger) { [manager, summary] in
            try await onOwnThread { manager.status(summary()) }
            return Self.longestRest
        }
        return [service]
    }

    /// One tick for all that cannot wait for something to happen.
    private func tick(after activity: Activity) -> SteadyTick {
        let steps = ClockWatch(time)
        return SteadyTick("tick", every: .seconds(30), logger: drop.logger) { [drop, time] in
            if let step = steps.step() {
                let event = Event(.clockStepped, ["milliseconds": .integer(step)])
                try EventLedger(drop.ledger).append(event, at: time.now)
            }
            try renewLease(drop.ledger, at: time.now)
            try MetricsFile(of: drop)?.write(at: time.now)
            if activity.isOver() { ProcessMemory.release(drop.ledger) }
        }
    }

    /// Nothing that is told depends on time alone; this only bounds what a fault may cost.
    private static var longestRest: Duration { .seconds(3600) }
}

/// Keeps the lease; a ledger that our own load holds is no reason to give it up.
private func renewLease(_ ledger: Ledger, at time: Timestamp) throws {
    do {
        try ledger.renewLease(at: time)
    } catch  where LedgerTrouble(error) == .busy {
        return
    }
}

/// The loop as a service that says when it begins to stop.
private struct WorkService<Work: DropWork, Time: WallTime>: Service {
    let loop: WorkLoop<Work, Time>
    let manager: ServiceManager

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await loop.run()
        } onGracefulShutdown: {
            loop.stop()
            manager.stopping()
        }
    }
}

/// Whether something has happened lately.
private final class Activity: Sendable {
    private let state = Mutex((isNew: true, isOld: false))

    func note() { state.withLock { $0.isNew = true } }

    /// Whether something happened before the last question, and nothing since: true once each time.
    func isOver() -> Bool {
        state.withLock { state in
            defer { state = (false, state.isNew) }
            return state.isOld && !state.isNew
        }
    }
}
