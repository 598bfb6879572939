import Daemon
import Glibc
import Synchronization
import Testing

struct BackgroundTests {
    private struct Refused: Error {}

    /// How far the calling thread stands back, as `nice` has it.
    @Sendable private static func step() -> Int32 {
        getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `background work stands back and gives its result or its error`() async throws {
        #expect(try await Background.run { Self.step() } == 19)
        await #expect(throws: Refused.self) { try await Background.run { throw Refused() } }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what background work wakes does not stand back with it`() async throws {
        // All tests may stand back themselves.
        let ours = Self.step()
        let found = Mutex<[Int32]>([])
        try await Background.run {
            for _ in 0..<3 { Background.hand { found.withLock { $0.append(Self.step()) } } }
        }
        let steps = found.withLock(\.self)
        #expect(steps.count == 3)
        #expect(steps.allSatisfy { $0 < 19 || ours == 19 })
    }

    @Test
    func `outside of background work an errand is done at once`() {
        let count = Mutex(0)
        Background.hand { count.withLock { $0 += 1 } }
        #expect(count.withLock(\.self) == 1)
    }
}
