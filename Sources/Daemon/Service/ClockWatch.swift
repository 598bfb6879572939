import Ledger
import Synchronization

/// Notices that the time of day was set, by comparing it with a clock that nobody can set.
final class ClockWatch: Sendable {
    /// What passes for drift and a busy machine, in milliseconds.
    private static let tolerance: Int64 = 2000

    private struct State {
        var wall: Int64
        var steady: ContinuousClock.Instant
    }

    private let time: any WallTime
    private let state: Mutex<State>

    init(_ time: any WallTime) {
        self.time = time
        state = Mutex(State(wall: time.now.milliseconds, steady: .now))
    }

    /// By how many milliseconds the clock was set since the last look; `nil`: it was not.
    func step() -> Int64? {
        let now = State(wall: time.now.milliseconds, steady: .now)
        let before = state.withLock { state in
            defer { state = now }
            return state
        }
        let passed = (now.steady - before.steady) / .milliseconds(1)
        let step = now.wall - before.wall - Int64(passed)
        return abs(step) > Self.tolerance ? step : nil
    }
}
