import Daemon
import Foundation
import Ledger
import Logging
import Synchronization
import Testing

struct WorkLoopTests {
    private let folder = TemporaryFolder()

    /// Runs the loop in simulated time until enough runs have been made; one more may have begun by then.
    private func serve(
        _ work: SimulatedWork,
        minute: Int = 0,
        catchUp: Bool = true,
        leaving requested: [Request.Verb] = []
    ) async throws {
        let requests = try RequestFolder(in: StateDirectory(path: folder.path + "/acme"))
        for verb in requested { _ = try requests.leave(Request(verb, user: "ops", at: "")) }
        var schedule = ScheduleSettings()
        schedule.minute = minute
        schedule.catchUp = catchUp
        let settings = schedule
        let loop = WorkLoop(
            work,
            time: work.time,
            requests: requests,
            watch: try FolderWatch(requests.path),
            schedule: { settings },
            pulse: Pulse(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await loop.run() }
            await work.enough()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func hour(_ hour: Int64, and seconds: Int64 = 0) -> Timestamp {
        Timestamp(milliseconds: (hour * 3600 + seconds) * 1000)
    }

    @Test(.timeLimit(.minutes(5))) func `each slot of two days is served once, at its hour`() async throws {
        let work = SimulatedWork(at: hour(1000, and: 1234), runs: 48)
        try await serve(work)
        #expect(
            Array(work.told.prefix(48))
                == (1001...1048).map { (hour: Int64) in "slot \(self.hour(hour).textInSeconds)" }
        )
    }

    @Test(.timeLimit(.minutes(5))) func `downtime is one skip and one run, made at once`() async throws {
        let work = SimulatedWork(at: hour(1010, and: 60), last: hour(1000), runs: 2)
        try await serve(work)
        #expect(
            work.told.prefix(3) == [
                "missed 9 from \(hour(1001).textInSeconds)", "catch-up \(hour(1010).textInSeconds)",
                "slot \(hour(1011).textInSeconds)",
            ]
        )
    }

    @Test(.timeLimit(.minutes(5))) func `without catching up the next slot is the first`() async throws {
        let work = SimulatedWork(at: hour(1010, and: 60), last: hour(1000), runs: 1)
        try await serve(work, catchUp: false)
        #expect(
            work.told.prefix(2) == [
                "missed 10 from \(hour(1001).textInSeconds)", "slot \(hour(1011).textInSeconds)",
            ]
        )
    }

    @Test(.timeLimit(.minutes(5))) func `a long run is followed by one run and one skip`() async throws {
        let work = SimulatedWork(at: hour(1000, and: 60), runs: 2, lasting: [9000])
        try await serve(work)
        #expect(
            work.told.prefix(3) == [
                "slot \(hour(1001).textInSeconds)", "overrun 1 from \(hour(1002).textInSeconds)",
                "slot \(hour(1003).textInSeconds)",
            ]
        )
    }

    @Test(.timeLimit(.minutes(5))) func `requests are served beside the slots, a run among them`()
        async throws
    {
        let work = SimulatedWork(at: hour(1000, and: 60), runs: 20, requests: 2)
        try await serve(work, leaving: [.release(file: 7, reason: nil), .poll])
        #expect(work.told.filter { $0 == "release" }.count == 1)
        #expect(work.told.filter { $0 == "poll" }.count == 1)
    }
}

/// Work that takes no time but the time it is told to take.
private final class SimulatedWork: DropWork {
    private struct State {
        var told: [String] = []
        var closed: [Timestamp]
        var runsLeft: Int
        var requestsLeft: Int
        var lengths: [Int64]
    }

    let time: SimulatedTime
    private let state: Mutex<State>

    init(
        at now: Timestamp,
        last: Timestamp? = nil,
        runs: Int,
        requests: Int = 0,
        lasting lengths: [Int64] = []
    ) {
        time = SimulatedTime(now)
        let closed = last.map { [$0] } ?? []
        state = Mutex(State(closed: closed, runsLeft: runs, requestsLeft: requests, lengths: lengths))
    }

    var told: [String] { state.withLock { $0.told } }

    func enough() async {
        // The test's own time limit ends a wait that nothing ends.
        while state.withLock({ max($0.runsLeft, $0.requestsLeft) }) > 0 {
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    func resume() async throws {}

    func lastClosedSlot(atOrBefore now: Timestamp) throws -> Timestamp? {
        state.withLock { $0.closed.filter { $0 <= now }.max() }
    }

    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason) throws {
        state.withLock {
            $0.told.append("\(reason.rawValue) \(slots.count) from \(slots.from.textInSeconds)")
            $0.closed.append(slots.to)
        }
    }

    func run(_ trigger: RunTrigger, slot: Timestamp) async throws {
        let length = state.withLock { state in
            state.told.append((trigger == .slot ? "slot " : "catch-up ") + slot.textInSeconds)
            state.closed.append(slot)
            return state.lengths.isEmpty ? 0 : state.lengths.removeFirst()
        }
        time.advance(by: length)
        let isEnough = state.withLock { state in
            state.runsLeft -= 1
            return state.runsLeft <= 0
        }
        // Time that went on would leave no thread to whoever waits for the end.
        if !isEnough { time.allow(untilAfter: slot) }
    }

    func serve(_ request: Request) async -> Answer {
        state.withLock { state in
            state.told.append(request.verb.word)
            state.requestsLeft -= 1
        }
        return Answer()
    }

    func poll(_ request: Request) async -> Answer { await serve(request) }

    func tidy() async throws {}

    func nextTidy() throws -> Timestamp? { nil }

    func stop() {}
}

/// A clock that jumps to the next slot, one slot for each run that was made.
private final class SimulatedTime: WallTime, Alarm {
    private struct State {
        var now: Timestamp
        var ceiling: Timestamp
        var alarm: Timestamp?
        var ring: @Sendable () -> Void = {}
    }

    private let state: Mutex<State>

    init(_ now: Timestamp) {
        state = Mutex(State(now: now, ceiling: Schedule(minute: 0).slot(after: now)))
    }

    var now: Timestamp { state.withLock { $0.now } }

    func advance(by seconds: Int64) {
        state.withLock { $0.now = $0.now.adding(seconds: seconds) }
    }

    func allow(untilAfter slot: Timestamp) {
        change { $0.ceiling = Schedule(minute: 0).slot(after: slot) }
    }

    func makeAlarm(_ ring: @escaping @Sendable () -> Void) -> any Alarm {
        change { $0.ring = ring }
        return self
    }

    func set(_ time: Timestamp) { change { $0.alarm = time } }

    /// Jumps to the alarm, if time may go on that far, and rings.
    private func change(_ body: @Sendable (inout State) -> Void) {
        let ring = state.withLock { state -> (@Sendable () -> Void)? in
            body(&state)
            guard let alarm = state.alarm, alarm <= state.ceiling else { return nil }
            state.now = max(state.now, alarm)
            state.alarm = nil
            return state.ring
        }
        ring?()
    }
}
