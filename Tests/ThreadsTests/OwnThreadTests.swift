import Dispatch
import Glibc
import Synchronization
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct OwnThreadTests {
    private struct Refused: Error {}

    /// How far the calling thread stands back, as `nice` has it.
    @Sendable private static func step() -> Int32 {
        getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    }

    @Test func `what is done there gives its result or its error`() async throws {
        #expect(try await onOwnThread { 7 } == 7)
        await #expect(throws: Refused.self) { try await onOwnThread { throw Refused() } }
    }

    @Test func `what stands back does so alone`() async throws {
        let steps = try await withTaskExecutorPreference(WorkerThreads()) {
            let before = Self.step()
            let meanwhile = try await StandingBack.$isOn.withValue(true) {
                try await onOwnThread { Self.step() }
            }
            return (before, meanwhile, after: Self.step(), other: try await onOwnThread { Self.step() })
        }
        #expect(steps.1 == 19)
        #expect(steps.after == steps.0)
        #expect(steps.other == steps.0)
    }

    @Test func `what stands back gives way now and then, and what it starts does too`() async throws {
        let ways = try await StandingBack.$isOn.withValue(true) {
            try await onOwnThread {
                var ways = 0
                while ways < 3 { ways += StandingBack.giveWay() ? 1 : 0 }
                return ways
            }
        }
        #expect(ways == 3)
        let child = try await StandingBack.$isOn.withValue(true) {
            try await onOwnThread {
                let gaveWay = Mutex<Bool?>(nil)
                let isDone = DispatchSemaphore(value: 0)
                let isStarted = startThread("child") {
                    gaveWay.withLock { $0 = StandingBack.giveWay() }
                    isDone.signal()
                }
                if isStarted { isDone.wait() }
                return gaveWay.withLock { $0 }
            }
        }
        #expect(child == true)
    }

    @Test func `what does not stand back never gives way`() async throws {
        let ways = try await onOwnThread { (0..<1000).contains { _ in StandingBack.giveWay() } }
        #expect(!ways)
    }
}
