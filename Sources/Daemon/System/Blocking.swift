import Dispatch

/// Calls that may wait for long, on a thread that is allowed to.
///
/// The threads on which asynchronous code runs are as many as the processor has cores; one that waits for a lock or a
/// disk would be missing for everything else.
package enum Blocking {
    /// Does the work on another thread and gives its result; a cancellation does not reach it.
    package static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
