import Foundation
import Synchronization

/// Does what may block on a thread that nobody else uses meanwhile, and gives its result; a cancellation does not reach it.
///
/// Where the task is ``StandingBack``, so does the thread.
///
/// The ``WorkerThreads`` are few; one that waits for a lock or a disk would be missing for everything else.
///
/// - Throws: What the work throws; `POSIXError` when the system has no thread left: then nothing was done.
package func onOwnThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let isTaken = SpareThreads.take { continuation.resume(with: Result(catching: work)) }
        if !isTaken { continuation.resume(throwing: POSIXError(.EAGAIN)) }
    }
}

/// Threads that have done some work and wait for more.
///
/// On a busy machine a new thread is given its first turn after all others, one that is woken before them: pages that were
/// made on new threads took a third longer.
private enum SpareThreads {
    private struct Line {
        var waiting = 0
        var work: [Held] = []
    }

    /// Work that is let go of once it is done, however long its thread goes on.
    private final class Held: Sendable {
        private let work: Mutex<(@Sendable () -> Void)?>

        init(_ work: @escaping @Sendable () -> Void) { self.work = Mutex(work) }

        func perform() { work.withLock { $0.take() }?() }
    }

    /// How long one waits before it ends.
    private static let patience = DispatchTimeInterval.seconds(10)
    private static let line = Mutex(Line())
    private static let given = DispatchSemaphore(value: 0)

    /// Returns whether there was a thread for it.
    static func take(_ work: @escaping @Sendable () -> Void) -> Bool {
        // One that has stood back cannot do anything else.
        if StandingBack.isOn { return startThread("work", work) }
        let work = Held(work)
        let isTaken = line.withLock { line in
            // Each that lies there already has one that waits for it.
            guard line.waiting > line.work.count else { return false }
            line.work.append(work)
            return true
        }
        guard isTaken else { return startThread("work") { serve(work) } }
        given.signal()
        return true
    }

    private static func serve(_ first: Held) {
        first.perform()
        while let next = wait() { next.perform() }
    }

    /// What is to be done next; `nil` when nothing came for long.
    private static func wait() -> Held? {
        line.withLock { $0.waiting += 1 }
        while true {
            let isOver = given.wait(timeout: .now() + patience) == .timedOut
            let (work, isDone) = line.withLock { line -> (Held?, Bool) in
                let work = line.work.popLast()
                // Another may have taken what was given, when its patience was at an end.
                let isDone = work != nil || isOver
                if isDone { line.waiting -= 1 }
                return (work, isDone)
            }
            if isDone { return work }
        }
    }
}
