import Synchronization

/// Whether the work goes on: what the watchdog and the question "alive?" are answered from.
///
/// The loop that works beats it; whoever only looks at it cannot.
package final class Pulse: Sendable {
    private struct State {
        var lastBeat: ContinuousClock.Instant
        var restsUntil: ContinuousClock.Instant?
    }

    private let state = Mutex(State(lastBeat: .now, restsUntil: nil))

    package init() {}

    /// The work has made progress.
    package func beat() {
        state.withLock { $0 = State(lastBeat: .now, restsUntil: nil) }
    }

    /// There is nothing to do until then, at the latest; the loop will beat again.
    package func rest(for duration: Duration) {
        state.withLock { $0 = State(lastBeat: .now, restsUntil: .now + duration) }
    }

    /// Whether the last beat, or the end of the rest that was announced, is no longer ago than `allowance`.
    package func isAlive(within allowance: Duration) -> Bool {
        state.withLock { max($0.lastBeat, $0.restsUntil ?? $0.lastBeat) + allowance > .now }
    }
}
