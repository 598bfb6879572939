import Logging
import ServiceLifecycle
import Threads

/// Keeps the heartbeat going beside the work, which neither waits for it nor learns of it.
package struct HeartbeatService: Service {
    private let heartbeat: Heartbeat
    private let bell: Bell
    private let logger: Logger

    init(_ heartbeat: Heartbeat, on bell: Bell, logger: Logger) {
        self.heartbeat = heartbeat
        self.bell = bell
        self.logger = logger
    }

    /// Runs until the shutdown, which does not wait for an answer either.
    package func run() async throws {
        var problems = ProblemLog("heartbeat", logger)
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await untilShutdown { [heartbeat] in try await heartbeat.beat() }
                problems.noteSuccess()
            } catch is CancellationError {
                return
            } catch {
                problems.note(error)
            }
            try? await untilShutdown { [bell] in
                await bell.wait(atMost: .seconds(600))
                try Task.checkCancellation()
            }
        }
    }
}
