import Ledger
import Logging
import ServiceLifecycle
import Threads
import UnixSignals

/// Reads the configuration again at each `SIGHUP`, and opens the status log again for logrotate.
struct ReloadService: Service {
    private let drop: OpenDrop
    private let hangups: UnixSignalsSequence
    private let reloaded: @Sendable () async throws -> Void
    private let now: @Sendable () -> Timestamp

    init(
        _ drop: OpenDrop,
        hangups: UnixSignalsSequence,
        reloaded: @escaping @Sendable () async throws -> Void,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.drop = drop
        self.hangups = hangups
        self.reloaded = reloaded
        self.now = now
    }

    func run() async throws {
        try await untilShutdown { for await _ in hangups { await reload() } }
    }

    private func reload() async {
        do {
            try await drop.statusLog.reopen()
        } catch {
            drop.logger.error("status log cannot be opened again", metadata: ["error": "\(error)"])
        }
        do {
            try await onOwnThread { try readAgain() }
            try await reloaded()
        } catch {
            drop.logger.error("reload cannot be recorded", metadata: ["error": "\(error)"])
        }
    }

    private func readAgain() throws {
        let events = EventLedger(drop.ledger)
        do {
            try drop.live.reload()
        } catch {
            for problem in error.problems { drop.logger.error("\(problem)") }
            let problems = error.problems.prefix(20).map { JSONValue.text("\($0)") }
            try events.append(Event(.configRefused, ["problems": .list(problems)]), at: now())
            return
        }
        try events.append(Event(.configReloaded), at: now())
    }
}
