import Ledger
import Logging
import ServiceLifecycle
import Synchronization

/// Who is signed in.
///
/// Sessions live in memory and are written to the ledger behind, since a load may hold it for longer than a person waits.
final class Sessions: Sendable {
    /// Whoever is away for so many seconds is signed out.
    static let idleLimit: Int64 = 1800
    /// Nobody stays signed in for longer, in seconds.
    static let lifeLimit: Int64 = 12 * 3600
    private static let countLimit = 1000

    private struct Held {
        var session: SessionLedger.Session
        /// When the ledger was told last that it is in use.
        var writtenAt: Timestamp
        var outcome: Outcome?
    }

    private struct State {
        var held: [[UInt8]: Held] = [:]
        var changes: [SessionLedger.Change] = []
    }

    /// One that is open, for as long as a request lasts.
    struct Opened: Sendable {
        let hash: [UInt8]
        let email: String
        let generation: Int64
        /// Stands in every form, so that no other site can send one.
        let token: String
        fileprivate let sessions: Sessions

        /// Keeps what became of an order for the next page.
        func leave(_ outcome: Outcome) { sessions.leave(outcome, hash) }

        func takeOutcome() -> Outcome? { sessions.takeOutcome(hash) }
    }

    private let state: Mutex<State>
    private let wakeups: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// `known`: those that were open when the page was last served.
    init(known: [SessionLedger.Session]) {
        let held = known.map { ($0.hash, Held(session: $0, writtenAt: $0.seenAt)) }
        state = Mutex(State(held: Dictionary(held) { first, _ in first }))
        (wakeups, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Opens a session under a new id, which is returned and kept nowhere.
    func open(_ person: PersonLedger.Person, from address: String, now: Timestamp) -> String {
        let id = Digests.hex(Digests.random(32))
        let session = SessionLedger.Session(
            hash: Self.hash(id),
            email: person.email,
            generation: person.generation,
            openedAt: now,
            seenAt: now
        )
        state.withLock { state in
            state.held = state.held.filter { Self.isAlive($0.value.session, now) }
            if state.held.count >= Self.countLimit,
                let oldest = state.held.min(by: { $0.value.session.seenAt < $1.value.session.seenAt })
            {
                state.held[oldest.key] = nil
            }
            state.held[session.hash] = Held(session: session, writtenAt: now)
            state.changes.append(.opened(session, from: address))
        }
        bell.yield()
        return id
    }

    /// The session of an id that a browser sent, if it is open; it is in use now.
    func find(_ id: String, now: Timestamp) -> Opened? {
        guard id.utf8.count == 64 else { return nil }
        let hash = Self.hash(id)
        let session: SessionLedger.Session? = state.withLock { state in
            guard var held = state.held[hash] else { return nil }
            guard Self.isAlive(held.session, now) else {
                state.held[hash] = nil
                state.changes.append(.closed(held.session, because: "expired", at: now))
                return nil
            }
            held.session.seenAt = max(now, held.session.seenAt)
            // Good enough for a restart, and seldom enough for a ledger that is at work.
            if now.seconds - held.writtenAt.seconds >= 300 {
                held.writtenAt = now
                state.changes.append(.seen(hash: hash, at: now))
                bell.yield()
            }
            state.held[hash] = held
            return held.session
        }
        return session.map {
            Opened(
                hash: hash,
                email: $0.email,
                generation: $0.generation,
                token: Self.token(of: id),
                sessions: self
            )
        }
    }

    /// Closes a session; `reason` is told in its event.
    func close(_ hash: [UInt8], because reason: String, now: Timestamp) {
        state.withLock { state in
            guard let held = state.held.removeValue(forKey: hash) else { return }
            state.changes.append(.closed(held.session, because: reason, at: now))
        }
        bell.yield()
    }

    /// Records that somebody could not sign in.
    func noteRefusal(email: String?, from address: String, because reason: String, now: Timestamp) {
        state.withLock { $0.changes.append(.refused(email: email, from: address, because: reason, at: now)) }
        bell.yield()
    }

    private func leave(_ outcome: Outcome, _ hash: [UInt8]) {
        state.withLock { $0.held[hash]?.outcome = outcome }
    }

    private func takeOutcome(_ hash: [UInt8]) -> Outcome? {
        state.withLock { state in
            let outcome = state.held[hash]?.outcome
            if outcome != nil { state.held[hash]?.outcome = nil }
            return outcome
        }
    }

    /// Writes behind until the shutdown, and once more then.
    func keep(_ ledger: Ledger, now: @escaping @Sendable () -> Timestamp, logger: Logger) async {
        let book = SessionLedger(ledger)
        await withGracefulShutdownHandler {
            for await _ in wakeups { await flush(to: book, now(), logger) }
        } onGracefulShutdown: { [bell] in
            bell.finish()
        }
        await flush(to: book, now(), logger)
    }

    private func flush(to book: SessionLedger, _ now: Timestamp, _ logger: Logger) async {
        let changes = state.withLock { state in
            defer { state.changes = [] }
            return state.changes
        }
        guard !changes.isEmpty else { return }
        do {
            try await book.write(changes, forgetting: now.adding(seconds: -Self.idleLimit))
        } catch {
            // They count all the same until the daemon ends; the next ones try again with them.
            state.withLock { $0.changes = (changes + $0.changes).suffix(10_000) }
            logger.error("sessions cannot be written", metadata: ["error": "\(error)"])
        }
    }

    private static func isAlive(_ session: SessionLedger.Session, _ now: Timestamp) -> Bool {
        now.seconds - session.seenAt.seconds < idleLimit && now.seconds - session.openedAt.seconds < lifeLimit
    }

    private static func hash(_ id: String) -> [UInt8] { Digests.sha256(Array(id.utf8)) }

    // Nobody who has the token can tell the id from it.
    private static func token(of id: String) -> String {
        Digests.hex(Digests.sha256(Array("token \(id)".utf8)).prefix(16))
    }
}
