import Synchronization

/// The wish that a run ends soon, from whoever stops the daemon.
package final class RunStop: Sendable {
    private let isWanted = Atomic(false)

    package init() {}

    package var isSet: Bool { isWanted.load(ordering: .acquiring) }

    package func set() { isWanted.store(true, ordering: .releasing) }

    /// Does something that waits for others, and gives it up once a stop is wanted.
    ///
    /// Throws ``RunInterruption`` then, and otherwise what `body` throws.
    func orFinish<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if isSet { throw RunInterruption() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [self] in
                while !isSet { try await Task.sleep(for: .milliseconds(100), clock: .continuous) }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw RunInterruption() }
            return value
        }
    }
}

/// A stop was wanted: what is committed stays, and the run goes on at the next start.
struct RunInterruption: Error {}
