import Daemon
import Foundation
import GRDB
import Ledger
import Logging
import Receivables
import Synchronization
import TestSupport
import Testing

/// A year of hours in a world whose clock is set, sleeps and is late, and whose daemon is restarted.
@Suite(.timeLimit(.minutes(10)))
struct YearTests {
    /// 2026-01-01T00:20:00Z.
    private static let newYear = Timestamp(milliseconds: 1_767_226_800_000)

    private let folder = TemporaryFolder()

    /// Lives through a number of lives, each of some hours, with downtime between them.
    private func live(_ lives: Int, hours: Int64, seed: UInt64, book: any SlotBook) async throws -> YearWork {
        let work = YearWork(from: Self.newYear, seed: seed, book: book)
        let requests = try RequestFolder(in: StateDirectory(path: folder.path + "/acme"))
        for life in 1...lives {
            work.begin(until: Self.newYear.adding(seconds: Int64(life) * hours * 3600))
            var schedule = ScheduleSettings()
            schedule.catchUp = !life.isMultiple(of: 4)
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
                await work.end()
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
            work.time.sleep()
        }
        return work
    }

    private func expectEachOnce(_ work: YearWork, atLeast hours: Int) {
        #expect(work.doubled == [])
        #expect(work.late == [])
        let slots = work.closed.keys.sorted()
        #expect(slots.count >= hours)
        // Without a gap from the first to the last.
        #expect(slots == Array((slots.first ?? 0)..<(slots.first ?? 0) + Int64(slots.count)))
        // Neither by far the most nor a handful only: the world was as unkind as it was meant to be.
        let served = work.closed.values.count { $0 == .served }
        #expect(served > slots.count / 4 && served < slots.count)
    }

    /// `deploy/torture` lives through more of them.
    private static let seeds: ClosedRange<UInt64> =
        1...(ProcessInfo.processInfo.environment["TORTURE"] == nil ? 3 : 20)

    @Test(arguments: seeds)
    func `every hour of a year is served once, or told once as skipped`(seed: UInt64) async throws {
        let work = try await live(12, hours: 730, seed: seed, book: MemoryBook())
        expectEachOnce(work, atLeast: 8760)
        // The civil days they belong to have 23, 24 and 25 hours.
        var hours: [String: Int] = [:]
        for slot in work.closed.keys {
            let day = try #require(Day(at: Int(slot * 3600), in: "Europe/Berlin"))
            hours[day.description, default: 0] += 1
        }
        // The first day and the last are not whole.
        let days = hours.sorted { $0.key < $1.key }.dropFirst().prefix(363)
        let uncommon = days.filter { $0.value != 24 }.map { "\($0.key) \($0.value)" }
        #expect(uncommon == ["2026-03-29 23", "2026-10-25 25"])
    }

    @Test func `the ledger's slots keep the same order for two weeks`() async throws {
        let ledger = try Ledger.open(
            path: folder.path + "/ledger.sqlite",
            drop: Drop(name: "acme", inboxURL: "file:///in"),
            owner: "test",
            time: Self.newYear
        )
        let work = try await live(4, hours: 84, seed: 7, book: LedgerBook(ledger: ledger))
        expectEachOnce(work, atLeast: 336)
        #expect(try slots(in: ledger) == work.closed.count)
    }

    private func slots(in ledger: Ledger) throws -> Int? {
        try ledger.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT sum(coalesce(slot_count, 1)) FROM run")
        }
    }
}

/// Where slots are closed.
private protocol SlotBook: Sendable {
    func lastClosed(notAfter time: Timestamp) throws -> Timestamp?
    /// Whether the slot was still open.
    func serve(_ trigger: RunTrigger, _ slot: Timestamp, at time: Timestamp) throws -> Bool
    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason, at time: Timestamp) throws
}

/// The real one.
private struct LedgerBook: SlotBook {
    let ledger: Ledger

    func lastClosed(notAfter time: Timestamp) throws -> Timestamp? {
        try SlotLedger(ledger).lastClosed(notAfter: time)
    }

    func serve(_ trigger: RunTrigger, _ slot: Timestamp, at time: Timestamp) throws -> Bool {
        guard let run = try RunLedger(ledger).begin(trigger, slot: slot, at: time) else { return false }
        _ = try RunLedger(ledger).finish(run, at: time)
        return true
    }

    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason, at time: Timestamp) throws {
        try SlotLedger(ledger).skip(
            from: slots.from,
            to: slots.to,
            count: slots.count,
            reason: reason,
            at: time
        )
    }
}

/// One that is quick enough for years.
private final class MemoryBook: SlotBook {
    private let closed = Mutex((hours: Set<Int64>(), first: Int64.max))

    func lastClosed(notAfter time: Timestamp) throws -> Timestamp? {
        closed.withLock { closed in
            var hour = time.hour
            while hour >= closed.first, !closed.hours.contains(hour) { hour -= 1 }
            return hour >= closed.first ? Timestamp(milliseconds: hour * Schedule.period) : nil
        }
    }

    func serve(_ trigger: RunTrigger, _ slot: Timestamp, at time: Timestamp) -> Bool {
        closed.withLock { closed in
            closed.first = min(closed.first, slot.hour)
            return closed.hours.insert(slot.hour).inserted
        }
    }

    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason, at time: Timestamp) {
        closed.withLock { closed in
            closed.first = min(closed.first, slots.from.hour)
            closed.hours.formUnion(slots.from.hour...slots.to.hour)
        }
    }
}

extension Timestamp {
    fileprivate var hour: Int64 { milliseconds / Schedule.period }
}

/// Notes which slots are served and skipped; runs take a while, some take hours.
private final class YearWork: DropWork {
    enum Fate {
        case served
        case skipped
    }

    private struct State {
        var closed: [Int64: Fate] = [:]
        var doubled: [Int64] = []
        var late: [Int64] = []
        var end = Timestamp(milliseconds: 0)
    }

    let time: UnkindClock
    private let book: any SlotBook
    private let start: Timestamp
    private let state = Mutex(State())
    private let ends = AsyncStream.makeStream(of: Void.self)

    init(from start: Timestamp, seed: UInt64, book: any SlotBook) {
        self.start = start
        self.book = book
        time = UnkindClock(start, seed: seed)
    }

    var closed: [Int64: Fate] { state.withLock { $0.closed } }
    /// Hours that were closed a second time.
    var doubled: [Int64] { state.withLock { $0.doubled } }
    /// Hours that were served when they were not the newest.
    var late: [Int64] { state.withLock { $0.late } }

    func begin(until end: Timestamp) { state.withLock { $0.end = end } }

    /// Waits for the end of a life.
    func end() async { for await _ in ends.stream { return } }

    func resume() async throws {}

    func lastClosedSlot(atOrBefore now: Timestamp) throws -> Timestamp? {
        try book.lastClosed(notAfter: now) ?? Schedule(minute: 0).slot(atOrBefore: min(start, now))
    }

    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason) throws {
        try book.skip(slots, because: reason, at: time.now)
        for hour in slots.from.hour...slots.to.hour { close(hour, .skipped) }
    }

    func run(_ trigger: RunTrigger, slot: Timestamp) async throws {
        let now = time.now
        if !(slot...slot.adding(seconds: 3599)).contains(now) { state.withLock { $0.late.append(slot.hour) } }
        if try book.serve(trigger, slot, at: now) {
            close(slot.hour, .served)
        } else {
            state.withLock { $0.doubled.append(slot.hour) }
        }
        time.work()
    }

    func serve(_ request: Request) async -> Answer { Answer() }

    func poll(_ request: Request) async -> Answer { Answer() }

    func tidy() async throws {
        guard state.withLock({ time.now >= $0.end }) else { return }
        time.stop()
        ends.continuation.yield()
    }

    func nextTidy() throws -> Timestamp? { nil }

    func stop() {}

    private func close(_ hour: Int64, _ fate: Fate) {
        state.withLock { state in
            if state.closed.updateValue(fate, forKey: hour) != nil { state.doubled.append(hour) }
        }
    }
}

/// A clock that goes on whenever the loop has done what it had to do, by as much as the seed says.
private final class UnkindClock: WallTime, Alarm {
    private struct State {
        var now: Timestamp
        var chance: SplitMix64
        /// Before it, nobody sets the clock back: slots count from the first start on.
        var floor: Timestamp
        var isStopped = false
        var ring: @Sendable () -> Void = {}
    }

    private let state: Mutex<State>

    init(_ now: Timestamp, seed: UInt64) {
        let chance = SplitMix64(seed: seed)
        state = Mutex(State(now: now, chance: chance, floor: now.adding(seconds: 6 * 3600)))
    }

    var now: Timestamp { state.withLock { $0.now } }

    /// A life is over: nothing rings any more.
    func stop() { state.withLock { $0.isStopped = true } }

    /// A run takes its time: minutes mostly, hours now and then.
    func work() {
        state.withLock { state in
            let long = Int64.random(in: 0..<40, using: &state.chance) == 0
            state.now = state.now.adding(
                seconds: Int64.random(in: long ? 3600...12000 : 0...300, using: &state.chance)
            )
        }
    }

    /// The daemon is down for up to two days.
    func sleep() {
        state.withLock { state in
            state.now = state.now.adding(seconds: Int64.random(in: 0...172_800, using: &state.chance))
            state.isStopped = false
        }
    }

    func makeAlarm(_ ring: @escaping @Sendable () -> Void) -> any Alarm {
        state.withLock { $0.ring = ring }
        return self
    }

    /// The loop rests until then, and the clock goes on.
    func set(_ time: Timestamp) {
        let ring = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isStopped else { return nil }
            let left = max(0, time.seconds - state.now.seconds + 1)
            let dice = Int64.random(in: 0..<100, using: &state.chance)
            let seconds =
                switch dice {
                // It sleeps with its host, or somebody sets the clock on.
                case 0..<2: Int64.random(in: 3600...108_000, using: &state.chance)
                // Somebody sets the clock back.
                case 2..<4 where state.now > state.floor: -Int64.random(in: 1...10_800, using: &state.chance)
                // The machine is busy.
                case 4..<7: left + Int64.random(in: 0...5400, using: &state.chance)
                // An alarm may ring early.
                case 7..<20: Int64.random(in: 0...left, using: &state.chance)
                default: left
                }
            state.now = state.now.adding(seconds: seconds)
            return state.ring
        }
        ring?()
    }
}
