import Dispatch
import Synchronization
import Threads

/// Runs calls that may block, such as those to a mounted share, where they hold up nobody.
///
/// A call that makes no progress for too long is given up, though nothing can end it: it keeps its thread until the
/// system lets go of it.
struct BlockingWork: Sendable {
    /// How a piece of work shows that it gets on, and learns that nobody wants it any more.
    final class Progress: Sendable {
        private let state = Mutex((last: ContinuousClock.now, isOver: false))

        fileprivate init() {}

        /// Shows that something was done.
        ///
        /// - Throws: ``InboxFailure/cancelled`` when nobody waits any more.
        func step() throws(InboxFailure) {
            let isOver = state.withLock { state in
                state.last = .now
                return state.isOver
            }
            if isOver { throw .cancelled }
        }

        fileprivate func end() { state.withLock { $0.isOver = true } }

        /// How long ago the last step was; `nil` when it is over.
        fileprivate var idle: Duration? {
            state.withLock { $0.isOver ? nil : ContinuousClock.now - $0.last }
        }
    }

    private let patience: Duration

    /// - Parameter patience: How long a piece of work may go on without a step.
    init(patience: Duration) { self.patience = patience }

    func run<Value: Sendable>(
        _ work: @escaping @Sendable (Progress) throws(InboxFailure) -> Value
    ) async throws(InboxFailure) -> Value {
        let progress = Progress()
        let answer = Answer<Value>()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                answer.wait(waiting)
                let isStarted = startThread("folder") {
                    do throws(InboxFailure) {
                        try progress.step()
                        answer.give(.success(try work(progress)))
                    } catch {
                        answer.give(.failure(error))
                    }
                    progress.end()
                }
                guard isStarted else { return answer.give(.failure(.other("there is no thread left"))) }
                watch(progress, answer)
            }
        } onCancel: {
            progress.end()
            answer.give(.failure(.cancelled))
        }
        return try result.get()
    }

    private func watch<Value>(_ progress: Progress, _ answer: Answer<Value>) {
        let milliseconds = min(1000, max(10, Int(patience / .milliseconds(4))))
        DispatchQueue.notices.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
            guard let idle = progress.idle else { return }
            guard idle > patience else { return watch(progress, answer) }
            progress.end()
            answer.give(.failure(.timedOut("the folder does not answer")))
        }
    }

    /// Takes the first answer and drops the others.
    private final class Answer<Value: Sendable>: Sendable {
        private enum State {
            case open
            case waiting(CheckedContinuation<Result<Value, InboxFailure>, Never>)
            case early(Result<Value, InboxFailure>)
            case given
        }

        private let state = Mutex(State.open)

        func wait(_ continuation: CheckedContinuation<Result<Value, InboxFailure>, Never>) {
            let early: Result<Value, InboxFailure>? = state.withLock { state in
                if case .early(let result) = state {
                    state = .given
                    return result
                }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }

        func give(_ result: Result<Value, InboxFailure>) {
            let waiting: CheckedContinuation<Result<Value, InboxFailure>, Never>? = state.withLock { state in
                switch state {
                case .open: state = .early(result)
                case .waiting(let continuation):
                    state = .given
                    return continuation
                case .early, .given: break
                }
                return nil
            }
            waiting?.resume(returning: result)
        }
    }
}
