import Foundation

/// Makes a call that may block, on a thread of its own: the pool that all tasks share must never wait.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try body() }) }
        thread.name = "ledgerdrop-work"
        thread.start()
    }
}
