import Foundation
import Ledger
package import Logging
import ServiceLifecycle
import Threads

/// Does something small at a steady pace, on a thread of its own: for a daemon that is idle, one wake-up each time.
///
/// The work may block. What it throws is logged, once for as long as it stays the same, and tried again; only a lost lease
/// ends it, and with it the daemon.
package struct SteadyTick: Service {
    private let name: String
    private let interval: DispatchTimeInterval
    private let logger: Logger
    private let work: @Sendable () throws -> Void

    package init(
        _ name: String,
        every interval: Duration,
        logger: Logger,
        work: @escaping @Sendable () throws -> Void
    ) {
        self.name = name
        self.interval = .milliseconds(max(1, Int(interval / .milliseconds(1))))
        self.logger = logger
        self.work = work
    }

    package func run() async throws {
        let end = DispatchSemaphore(value: 0)
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await onOwnThread { try tick(until: end) }
            } onGracefulShutdown: {
                end.signal()
            }
        } onCancel: {
            end.signal()
        }
    }

    private func tick(until end: DispatchSemaphore) throws {
        var problems = ProblemLog(name, logger)
        repeat {
            do {
                try work()
                problems.noteSuccess()
            } catch LedgerFailure.leaseLost {
                throw LedgerFailure.leaseLost
            } catch {
                problems.note(error)
            }
        } while end.wait(timeout: .now() + interval) == .timedOut
    }
}
