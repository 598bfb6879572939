import SFTP
import Threads

/// The one session of an inbox: made when it is first needed, and again after it was lost.
actor SFTPConnection {
    /// How long is waited before each new attempt after a loss; their number is that of the attempts.
    nonisolated let pauses: [Duration]

    private let endpoint: SFTPEndpoint
    private var session: SFTPSession?
    private var isConnecting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ endpoint: SFTPEndpoint, pauses: [Duration]) {
        self.endpoint = endpoint
        self.pauses = pauses
    }

    /// The open session, or a new one.
    func open() async throws(SFTPFailure) -> SFTPSession {
        while true {
            if let session, await !session.isOver { return session }
            if isConnecting {
                // One connection is enough for everybody.
                await withCheckedContinuation { waiting.append($0) }
                if Task.isCancelled { throw .cancelled }
                continue
            }
            isConnecting = true
            defer {
                isConnecting = false
                for other in waiting { other.resume() }
                waiting.removeAll()
            }
            let made = try await SFTPSession.connect(endpoint)
            session = made
            return made
        }
    }

    func close() async {
        let open = session
        session = nil
        await open?.close()
    }

    /// Does something that may be done twice, and does it again over a new session when the old one was lost.
    nonisolated func use<Value: Sendable>(
        _ work: (SFTPSession) async throws(SFTPFailure) -> Value
    ) async throws(InboxFailure) -> Value {
        var losses = 0
        while true {
            do throws(SFTPFailure) {
                return try await work(try await open())
            } catch {
                // The first attempt to connect is not repeated here: whoever asks decides how long to try.
                // A server that breaks the rules will do so again.
                let isRetried = error.isLoss && !error.isViolation || losses > 0 && error.isOutOfReach
                guard isRetried, losses < pauses.count else { throw InboxFailure(error) }
                losses += 1
                try await pause(after: losses)
            }
        }
    }

    /// Does something that must not be done twice.
    ///
    /// - Throws: ``InboxFailure/uncertain(_:)`` when the session was lost while it was done.
    nonisolated func useOnce<Value: Sendable>(
        _ work: (SFTPSession) async throws(SFTPFailure) -> Value
    ) async throws(InboxFailure) -> Value {
        // A session that died while it was idle is found out here, where nothing has been asked yet.
        let session = try await use { session throws(SFTPFailure) in session }
        do throws(SFTPFailure) {
            return try await work(session)
        } catch {
            if error.isLoss { throw .uncertain("the connection was lost meanwhile") }
            throw InboxFailure(error)
        }
    }

    /// Waits before the next attempt after so many losses.
    nonisolated func pause(after losses: Int) async throws(InboxFailure) {
        guard let pause = pauses.prefix(losses).last else { return }
        do { try await Task.pause(for: pause) } catch { throw .cancelled }
    }
}

extension SFTPFailure {
    /// Whether a session that was there is gone, so that another may do better.
    var isLoss: Bool {
        switch self {
        case .connectionLost, .timedOut, .protocolError: true
        default: false
        }
    }

    /// Whether the server broke the protocol.
    var isViolation: Bool {
        if case .protocolError = self { true } else { false }
    }

    /// Whether no session came about for reasons that may pass.
    var isOutOfReach: Bool {
        if case .unreachable = self { true } else { false }
    }
}

extension InboxFailure {
    init(_ failure: SFTPFailure) {
        self =
            switch failure {
            case .unreachable(let words), .connectionLost(let words): .unreachable(words)
            case .hostKeyMismatch(_, let words), .hostKeyUnknown(_, let words): .hostKeyMismatch(words)
            case .authRefused(let words), .badSettings(let words): .authRefused(words)
            case .protocolError(let words): .protocolError(words)
            case .timedOut(let step): .timedOut("the server is silent: \(step)")
            case .closed: .unreachable("the connection was closed")
            case .cancelled: .cancelled
            case .noSuchFile: .gone
            case .permissionDenied(let words): .permission(words)
            case .alreadyExists: .targetTaken
            case .refused(let code, let words): .other("the server says \(code): \(words)")
            case .tooManyEntries: .tooManyEntries
            case .changed: .changed
            case .localFailure(let words): .sinkFailed(words)
            }
    }
}
