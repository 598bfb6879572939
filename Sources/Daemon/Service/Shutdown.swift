import ServiceLifecycle
import Threads

/// Does something, and cancels it when the daemon is to end.
///
/// As `cancelWhenGracefulShutdown` does, without a free task, which would leave our ``WorkerThreads``. Returns also when it was
/// given up.
func untilShutdown(_ work: @escaping @Sendable () async throws -> Void) async throws {
    let end = Bell()
    try await withThrowingTaskGroup { group in
        group.addTask { try await work() }
        group.addTask {
            await withGracefulShutdownHandler {
                await end.wait()
            } onGracefulShutdown: {
                end.ring()
            }
        }
        defer { group.cancelAll() }
        try await group.next()
    }
}
