import Dispatch

/// Reading from the ledger or the disk, on a thread that may wait.
package enum Reading {
    /// Does the work on another thread and gives its result; a cancellation does not reach it.
    package static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
