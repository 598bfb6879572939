import Daemon
import Foundation
import GRDB
import Ledger
import Logging
import Synchronization
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct EventServiceTests {
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a service until a condition holds.
    private func run(_ service: EventService, until isMet: @Sendable () -> Bool) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            while !isMet() { try await Task.sleep(for: .milliseconds(2)) }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    @Test func `what is rung for is done, however long the work would rest`() async throws {
        let bell = Bell()
        let count = Mutex(0)
        let service = EventService("test", on: bell, logger: silent) {
            count.withLock { $0 += 1 }
            return .seconds(86_400)
        }
        try await run(service) {
            bell.ring()
            return count.withLock { $0 } >= 3
        }
        #expect(count.withLock { $0 } >= 3)
    }

    @Test func `the work is called again when it asks for it`() async throws {
        let count = Mutex(0)
        let service = EventService("test", on: Bell(), logger: silent) {
            count.withLock { $0 += 1 }
            return .zero
        }
        try await run(service) { count.withLock { $0 } >= 3 }
        #expect(count.withLock { $0 } >= 3)
    }

    @Test func `what fails is tried again without a bell`() async throws {
        struct Failure: Error {}
        let count = Mutex(0)
        let service = EventService("test", on: Bell(), logger: silent) {
            count.withLock { $0 += 1 }
            throw Failure()
        }
        try await run(service) { count.withLock { $0 } >= 2 }
        #expect(count.withLock { $0 } >= 2)
    }

    @Test func `only a lost lease ends what is done again and again`() async throws {
        let service = EventService("test", on: Bell(), logger: silent) { throw LedgerFailure.leaseLost }
        await #expect(throws: LedgerFailure.leaseLost) { try await service.run() }
        let tick = SteadyTick("test", every: .seconds(86_400), logger: silent) {
            throw LedgerFailure.leaseLost
        }
        await #expect(throws: LedgerFailure.leaseLost) { try await tick.run() }
    }

    @Test func `a bell that rings while nobody waits is heard later`() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait(atMost: .seconds(86_400))
        let start = ContinuousClock.now
        await bell.wait(atMost: .milliseconds(20))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test func `a tick comes again and again, also after a failure`() async throws {
        struct Failure: Error {}
        let count = Mutex(0)
        let tick = SteadyTick("test", every: .milliseconds(1), logger: silent) {
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 1 { throw Failure() }
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await tick.run() }
            while count.withLock({ $0 }) < 3 { try await Task.sleep(for: .milliseconds(2)) }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(count.withLock { $0 } >= 3)
    }

    @Test func `an alarm rings at its time, and not before it is set`() async throws {
        let time = HostTime()
        let bell = Bell()
        let count = Mutex(0)
        let alarm = try time.makeAlarm {
            count.withLock { $0 += 1 }
            bell.ring()
        }
        let due = Timestamp(milliseconds: time.now.milliseconds + 50)
        alarm.set(time.now.adding(seconds: 86_400))
        #expect(count.withLock { $0 } == 0)
        alarm.set(due)
        // The clock of the host may be set at any moment; then it rings early, and once more.
        while time.now < due {
            await bell.wait(atMost: .seconds(50))
            alarm.set(due)
        }
        #expect(count.withLock { $0 } > 0)
        // A time that has passed rings at once.
        alarm.set(Timestamp(milliseconds: 0))
        await bell.wait(atMost: .seconds(50))
        #expect(count.withLock { $0 } > 1)
    }

    @Test func `a commit rings for events and disposals, and for nothing else`() throws {
        let folder = TemporaryFolder()
        let time = HostTime().now
        let ledger = try Ledger.open(
            path: folder.path + "/ledger.sqlite",
            drop: Drop(name: "acme", inboxURL: "file:///inbox"),
            owner: "test",
            time: time
        )
        let count = Mutex(0)
        ledger.whenCommitted { count.withLock { $0 += 1 } }
        try ledger.renewLease(at: time)
        #expect(count.withLock { $0 } == 0)
        try EventLedger(ledger).append(Event(.daemonStarted), at: time)
        #expect(count.withLock { $0 } == 1)
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try ledger.pool.write { db in
                try db.append(Event(.daemonStarted), at: time)
                throw Refused()
            }
        }
        #expect(count.withLock { $0 } == 1)
    }
}
