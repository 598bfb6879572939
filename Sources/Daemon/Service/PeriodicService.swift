package import Logging
import ServiceLifecycle

/// Does something small again and again: tells events, sends mail, tidies up.
///
/// What it throws is logged, once for as long as it stays the same, and tried again. On graceful shutdown it is done once
/// more and then never again.
package struct PeriodicService: Service {
    private let name: String
    private let interval: Duration
    private let logger: Logger
    private let work: @Sendable () async throws -> Void

    package init(
        _ name: String,
        every interval: Duration,
        logger: Logger,
        work: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.logger = logger
        self.work = work
    }

    package func run() async throws {
        var lastProblem = ""
        var repetitions = 0
        while true {
            let isLast = Task.isShuttingDownGracefully || Task.isCancelled
            do {
                try await work()
                if repetitions > 0 {
                    logger.notice("\(name) works again", metadata: ["failures": "\(repetitions)"])
                }
                lastProblem = ""
                repetitions = 0
            } catch is CancellationError {
                return
            } catch {
                repetitions += 1
                let problem = "\(error)"
                if problem != lastProblem {
                    logger.error("\(name) failed", metadata: ["error": "\(problem)"])
                }
                lastProblem = problem
            }
            if isLast { return }
            // Sleeping throws only when it is cancelled, and the loop asks whether it was.
            try? await cancelWhenGracefulShutdown { [interval] in
                try await Task.sleep(for: interval, clock: .continuous)
            }
        }
    }
}
