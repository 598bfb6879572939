import Foundation
import Glibc

/// Does what may block on a thread of its own and gives its result; a cancellation does not reach it.
///
/// The ``WorkerThreads`` are few; one that waits for a lock or a disk would be missing for everything else.
///
/// - Throws: What the work throws; `POSIXError` when the system has no thread left: then nothing was done.
package func onOwnThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let isStarted = startThread("work") { continuation.resume(with: Result(catching: work)) }
        if !isStarted { continuation.resume(throwing: POSIXError(.EAGAIN)) }
    }
}

/// Lets the calling thread, and those that it starts, take what all others leave of the processor, until it ends.
///
/// For work that nobody waits for, on a thread that ends with it: without a privilege it cannot be taken back. It stands back
/// behind what shares its control group: under systemd and in a container that is this daemon alone, which has its full share
/// beside others. Where it is refused, the work is done at the common priority.
///
/// All of the way back: a thread that wakes up must at once go before it, not only once the system's clock has ticked, since a
/// page is answered by half a dozen threads that wake each other.
package func standBack() {
    // On Linux the priority is a thread's own.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
}
