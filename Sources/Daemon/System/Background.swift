import Foundation
import Glibc

/// Work that nobody waits for: it takes what the others leave of the processor.
enum Background {
    /// How much further back it stands, as `nice` has it.
    private static let step: Int32 = 10

    /// Lets everything else go before the calling thread from now on, and before the threads that it starts.
    ///
    /// On Linux the priority is a thread's own. It cannot be taken back without a privilege, so that the thread MUST be one
    /// that ends with its work.
    static func stepBack() {
        // Where it is refused, the work is done at the common priority.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, step)
    }

    /// Does the work on a thread of its own and gives its result; a cancellation does not reach it.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                stepBack()
                continuation.resume(with: Result(catching: work))
            }
            thread.name = "ledgerdrop-quiet"
            // SQLite and what it calls back need more than the half megabyte that a thread may get.
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
