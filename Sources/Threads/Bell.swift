// A dispatch source may be used from any thread; the library has not said so to the compiler yet.
@preconcurrency import Dispatch
import Synchronization

/// Wakes whoever waits for it; rung while nobody waits, it is remembered once.
package final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func ring() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.waiting == nil { state.isRung = true }
            return state.waiting.take()
        }
        waiting?.resume()
    }

    /// Waits until it is rung, the time is over, or the task is cancelled; one may wait at a time.
    ///
    /// While the machine is suspended, the time stands still.
    package func wait(atMost limit: Duration) async {
        let timer = DispatchSource.makeTimerSource(queue: .notices)
        timer.schedule(deadline: .now() + .milliseconds(Int(max(0, min(limit / .milliseconds(1), 1e12)))))
        timer.setEventHandler { [self] in ring() }
        timer.activate()
        await wait()
        timer.cancel()
    }

    /// Waits until it is rung or the task is cancelled.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state in
                    if Task.isCancelled || state.isRung {
                        state.isRung = false
                        return true
                    }
                    state.waiting = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiting: CheckedContinuation<Void, Never>? = state.withLock { $0.waiting.take() }
            waiting?.resume()
        }
    }
}
