import Ledger
package import Logging
import ServiceLifecycle
package import Threads

/// Does something whenever something has happened: tells events, sends mail.
///
/// Between two bells it sleeps, until the work itself wants to be called again. What it throws is logged, once for as long
/// as it stays the same, and tried again; only a lost lease ends it, and with it the daemon. On graceful shutdown it is done
/// once more and then never again.
package struct EventService: Service {
    /// How long what failed rests before it is tried again.
    private static let pause = Duration.seconds(2)
    /// How long a bell is left to ring on, so that a burst of events is told in one go.
    private static let patience = Duration.milliseconds(100)

    private let name: String
    private let bell: Bell
    private let logger: Logger
    private let work: @Sendable () async throws -> Duration

    /// - Parameters:
    ///   - name: Says in the log what failed.
    ///   - bell: Rung when there may be something to do; it is this service's alone.
    ///   - logger: Told of failures.
    ///   - work: Says after how long at the latest it must be called again.
    package init(
        _ name: String,
        on bell: Bell,
        logger: Logger,
        work: @escaping @Sendable () async throws -> Duration
    ) {
        self.name = name
        self.bell = bell
        self.logger = logger
        self.work = work
    }

    package func run() async throws {
        var problems = ProblemLog(name, logger)
        while true {
            let isLast = Task.isShuttingDownGracefully || Task.isCancelled
            var rest = Self.pause
            do {
                rest = try await work()
                problems.noteSuccess()
            } catch is CancellationError {
                return
            } catch LedgerFailure.leaseLost {
                // Another daemon tells and sends now.
                throw LedgerFailure.leaseLost
            } catch {
                problems.note(error)
            }
            if isLast { return }
            // Waiting throws only when it is cancelled, and the loop asks whether it was.
            try? await untilShutdown { [bell, rest] in
                await bell.wait(atMost: rest)
                try await Task.pause(for: Self.patience)
            }
        }
    }
}
