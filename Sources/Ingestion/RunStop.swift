import Synchronization
import Threads

/// The wish that a run ends soon, from whoever stops the daemon.
package final class RunStop: Sendable {
    private let wantedSince = Mutex<ContinuousClock.Instant?>(nil)
    private let grace: Duration

    /// Makes a wish that nobody has yet; `grace` is how long the load in hand may go on once somebody has.
    package init(grace: Duration = .seconds(8)) { self.grace = grace }

    package var isSet: Bool { wantedSince.withLock { $0 != nil } }

    package func set() { wantedSince.withLock { $0 = $0 ?? .now } }

    /// Whether the load in hand must be given up now.
    package var isOverdue: Bool { wantedSince.withLock { $0.map { .now - $0 >= grace } ?? false } }

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
                while !isSet { try await Task.pause(for: .milliseconds(100)) }
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
