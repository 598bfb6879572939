import Ledger
import Logging
import Threads

/// Tells a service outside of this house when runs begin and how they end, so that somebody notices our silence.
///
/// A projection of the events, but of those of today only: what nobody could be told is not told late, since an old
/// success would hide a new silence.
actor Heartbeat {
    /// How often each is tried, and how long is waited in between.
    private static let pauses: [Duration] = [.zero, .seconds(1), .seconds(3)]
    private static let page = 500

    private let drop: OpenDrop
    private let events: EventQueries
    private let sender: @Sendable (HeartbeatPing) async throws -> Void
    private let now: @Sendable () -> Timestamp
    private var cursor: Int64?

    /// - Parameter sender: Sends one, or throws `HeartbeatPing.Failure`.
    init(
        _ drop: OpenDrop,
        by sender: @escaping @Sendable (HeartbeatPing) async throws -> Void,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.drop = drop
        self.sender = sender
        self.now = now
        events = EventQueries(drop.ledger)
    }

    /// Begins to listen: what happened before is not told.
    func listen() throws { cursor = try events.last() }

    /// Tells what has happened since the last call.
    ///
    /// - Parameter tries: How often each is tried.
    /// - Throws: `CancellationError`, or `DatabaseError` when the ledger cannot be asked.
    func beat(tries: Int = 3) async throws {
        var after = try cursor ?? events.last()
        while true {
            let lot = try events.after(after, limit: Self.page)
            for event in lot {
                cursor = event.seq
                guard let address = drop.live.current.heartbeatURL, let ping = try ping(address, event) else {
                    continue
                }
                try await send(ping, tries: tries)
            }
            guard let last = lot.last, lot.count == Self.page else { return }
            after = last.seq
        }
    }

    private func ping(_ address: String, _ event: StoredEvent) throws -> HeartbeatPing? {
        guard let run = event.run else { return nil }
        let id = Self.id(of: run, in: drop.ledger)
        switch EventName(rawValue: event.event) {
        case .runStarted: return HeartbeatPing(address, .start, id: id)
        case .runFinished:
            let status: ExitStatus = try FileLedger(drop.ledger).hasFindings(in: run) ? .dataError : .ok
            return HeartbeatPing(address, .end(status.rawValue), id: id, body: body(event, run))
        case .runFailed:
            let status =
                JSONMembers(event.detail)?.text("reason").flatMap(RunFailureReason.init).map(ExitStatus.init)
                ?? .software
            return HeartbeatPing(address, .end(status.rawValue), id: id, body: body(event, run))
        default: return nil
        }
    }

    private func body(_ event: StoredEvent, _ run: Int64) -> String {
        let members = JSONMembers(event.detail)
        var words = "\(drop.ledger.dropName): run \(run) \(event.event.dropFirst(4))"
        if let reason = members?.text("reason") { words += ": \(reason)" }
        return words + "\n"
    }

    /// Names a run as such services want it: a UUID that ends with the number of the run.
    static func id(of run: Int64, in ledger: Ledger) -> String {
        let digits = String(run.magnitude % 1_000_000_000_000)
        return ledger.uuid.prefix(24) + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private func send(_ ping: HeartbeatPing, tries: Int) async throws {
        var problem = ""
        for pause in Self.pauses.prefix(tries) {
            try await Task.pause(for: pause)
            do {
                try await sender(ping)
                return try await HeartbeatLedger(drop.ledger).noteSuccess()
            } catch let failure as HeartbeatPing.Failure {
                problem = failure.description
            }
        }
        try await HeartbeatLedger(drop.ledger).noteFailure(problem, at: now())
    }
}
