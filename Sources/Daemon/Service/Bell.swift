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
        // It may ring in the midst of a load.
        if let waiting { Background.hand { waiting.resume() } }
    }

    /// Waits until it is rung, the time is over, or the task is cancelled; one may wait at a time.
    package func wait(atMost limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { [self] in await rung() }
            group.addTask { try? await Task.sleep(for: limit, clock: .continuous) }
            await group.next()
            group.cancelAll()
        }
    }

    private func rung() async {
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
