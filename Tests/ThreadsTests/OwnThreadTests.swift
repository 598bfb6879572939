import Glibc
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
}
