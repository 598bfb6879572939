import Dispatch
import Foundation
import Glibc
import Synchronization

/// Work that nobody waits for: it takes what the others leave of the processor.
///
/// It stands back behind what shares its control group: under systemd and in a container that is this daemon alone, which has
/// its full share beside others.
package enum Background {
    /// How much further back it stands, as `nice` has it.
    ///
    /// All of it: a thread that wakes up must at once go before it, not only once the system's clock has ticked, since a page
    /// is answered by half a dozen threads that wake each other.
    private static let step: Int32 = 19

    /// Does the work, and waits for it; to be called where nobody else is kept waiting.
    ///
    /// - Throws: What the work throws.
    package static func wait<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) throws -> Value
    {
        let (errands, answer) = (Errands(), Answer<Value>())
        // On Linux the priority is a thread's own, goes on to the threads that it starts, and cannot be taken back without a
        // privilege: the thread ends with the work.
        let thread = Thread {
            // Where it is refused, the work is done at the common priority.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, step)
            Thread.current.threadDictionary[Errands.key] = errands
            let result = Result(catching: work)
            answer.result.withLock { $0 = result }
            errands.end()
        }
        thread.name = "ledgerdrop-quiet"
        // SQLite and what it calls back need more than the half megabyte that a thread may get.
        thread.stackSize = 8 << 20
        thread.start()
        errands.run()
        return try answer.result.withLock(\.self).get()
    }

    /// Does the work and gives its result; a cancellation does not reach it.
    package static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try wait(work) }) }
            thread.name = "ledgerdrop-work"
            thread.start()
        }
    }

    /// Does a short thing that goes on elsewhere, such as waking a task, on the thread that waits for the work in hand;
    /// outside of background work, at once.
    ///
    /// A task that is woken may start a thread for all tasks, which would stand back as its maker does.
    package static func hand(_ errand: @escaping @Sendable () -> Void) {
        guard let errands = Thread.current.threadDictionary[Errands.key] as? Errands else { return errand() }
        errands.add(errand)
    }

    private final class Answer<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>>(.failure(CancellationError()))
    }

    /// What a thread does for another one until that is at its end.
    private final class Errands: Sendable {
        static let key = "ledgerdrop.errands"

        private let waiting = Mutex<[@Sendable () -> Void]>([])
        private let isOver = Atomic(false)
        private let bell = DispatchSemaphore(value: 0)

        func add(_ errand: @escaping @Sendable () -> Void) {
            waiting.withLock { $0.append(errand) }
            bell.signal()
        }

        func end() {
            isOver.store(true, ordering: .releasing)
            bell.signal()
        }

        func run() {
            var isOver = false
            while !isOver {
                bell.wait()
                // Asked first: what was added before the end is still done.
                isOver = self.isOver.load(ordering: .acquiring)
                let errands = waiting.withLock { errands in
                    defer { errands = [] }
                    return errands
                }
                for errand in errands { errand() }
            }
        }
    }
}
