/// One SSH connection with one SFTP channel, on a thread of its own.
///
/// Many calls may be under way at once; their requests share the connection. Every call ends: with its result, with a
/// refusal of the server, or, when the server is silent, breaks the rules or goes away, with the failure that ends the
/// session, after which every call fails with that same failure. A cancelled call ends at once, whatever the server
/// does, and leaves the session usable. Paths and names are bytes.
package actor SFTPSession: ReactorDriven {
    /// What was agreed on with the server, for people.
    package struct Terms: Sendable {
        package var hostKey: HostKeyPin
        package var keyExchange: String
        package var cipher: String
        /// The extensions of SFTP that we know and the server has.
        package var extensions: [String]
    }

    private enum State {
        case opening
        case open
        case over(SFTPFailure)
    }

    private struct Pending {
        var operation: any SFTPOperation
        var tag: Int
        var step: String
        var sent: ContinuousClock.Instant
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    let endpoint: SFTPEndpoint
    let cutoff = ConnectionCutoff()
    private(set) var codec = SFTPCodec()
    private(set) var limits = SFTPLimits()
    private var isAskingLimits = false

    private let reactor = Reactor()
    private var state = State.opening
    private var transport: SSHTransport?
    private var agreed: Terms?
    /// Requests without a reply.
    private var pending: [UInt32: Pending] = [:]
    /// Operations that have not ended.
    private var operations: [Int: any SFTPOperation] = [:]
    /// Operations that wait until the server may hold one more file open for us, in their order.
    private var queue: [any SFTPOperation] = []
    private var handles = 0
    private var nextOperation = 0
    private var lastArrival = ContinuousClock.now
    private var lastDeadlineCheck = ContinuousClock.now
    private var emptyReads = 0
    private var readAhead = ReadAhead()

    init(_ endpoint: SFTPEndpoint) {
        self.endpoint = endpoint
        reactor.drive(self)
    }

    /// What was agreed on; `nil` before the session was open.
    package var terms: Terms? { agreed }

    /// Whether the session has come to its end, of itself or by ``close()``.
    package var isOver: Bool {
        if case .over = state { true } else { false }
    }

    /// Ends the session, and what is under way with ``SFTPFailure/closed``.
    ///
    /// It may be called more than once.
    package func close() { die(.closed) }

    // What operations need.

    /// The most bytes to ask for in one READ.
    var readChunk: UInt32 { limits.read == 0 ? 32_768 : UInt32(min(limits.read, 261_120)) }

    /// The most bytes of one file to have on their way.
    var window: Int { readAhead.bytes(upTo: endpoint.window) }

    /// The most bytes to put into one WRITE.
    var writeChunk: Int { limits.write == 0 ? 32_768 : Int(min(limits.write, 32_768)) }

    func send(_ request: SFTPRequest, for operation: any SFTPOperation, tag: Int) {
        let id = codec.send(request)
        pending[id] = Pending(operation: operation, tag: tag, step: request.step, sent: .now)
    }

    /// Forgets an operation that has ended.
    func end(_ operation: any SFTPOperation) {
        operations[operation.id] = nil
        if let place = queue.firstIndex(where: { $0 === operation }) { queue.remove(at: place) }
    }

    /// Closes a file that counts among the open ones, without waiting.
    func closeHandle(_ handle: [UInt8]) {
        guard case .open = state else { return }
        start(SingleRequest(id: newOperation(), .close(handle: handle)) { _ in self.releaseHandle() })
    }

    /// Notes that the server holds one more file open for us.
    func countHandle() { handles += 1 }

    /// Notes that the server holds one file less open for us, and lets the next in.
    func releaseHandle() {
        handles -= 1
        admit()
    }

    /// Sends a request whose answer interests nobody.
    func post(_ request: SFTPRequest) {
        start(SingleRequest(id: newOperation(), request) { _ in })
    }

    /// Does one thing and waits for its end, which comes also when the task is cancelled or the session dies.
    ///
    /// - Parameters:
    ///   - holdsHandle: Whether it begins by opening a file; then it waits until one more may be open.
    ///   - make: Makes the operation; the closure it is given takes the result, once.
    /// - Returns: The operation's result.
    /// - Throws: Why there is none.
    func perform<Value: Sendable>(
        holdsHandle: Bool = false,
        _ make: (Int, @escaping (Result<Value, SFTPFailure>) -> Void) -> any SFTPOperation
    ) async throws(SFTPFailure) -> Value {
        let id = newOperation()
        let result: Result<Value, SFTPFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                start(make(id) { waiting.resume(returning: $0) }, holdsHandle: holdsHandle)
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            // Acted on at once, by the session's thread, even when the server is mute.
            reactor.cancel(id)
        }
        return try result.get()
    }

    func newOperation() -> Int {
        nextOperation += 1
        return nextOperation
    }

    func start(_ operation: any SFTPOperation, holdsHandle: Bool = false) {
        operations[operation.id] = operation
        switch state {
        case .over(let failure): operation.stop(failure, in: self)
        case .opening: operation.stop(.closed, in: self)
        case .open where holdsHandle:
            queue.append(operation)
            admit()
        case .open: operation.begin(in: self)
        }
    }

    private func admit() {
        let told = limits.handles == 0 ? 100 : Int(clamping: max(limits.handles, 9)) - 8
        // Enough for all folders of a drop while it is not known how many the server allows.
        let most = isAskingLimits ? 32 : told
        while handles < most, !queue.isEmpty {
            handles += 1
            queue.removeFirst().begin(in: self)
        }
    }

    private func cancel(_ id: Int) { operations[id]?.stop(.cancelled, in: self) }

    /// Ends the session: everything that is under way fails, and the connection is given up.
    func die(_ failure: SFTPFailure) {
        if case .over = state { return }
        state = .over(failure)
        pending.removeAll()
        queue.removeAll()
        for operation in operations.values { operation.stop(failure, in: self) }
        operations.removeAll()
        cutoff.cut(failure)
        transport = nil
        cutoff.release()
    }

    // The connection.

    /// Connects, checks the server's key, logs in and opens the channel, all of which blocks this session's thread.
    ///
    /// - Throws: Why there is no session; then nothing is left of it.
    func open(_ policy: AlgorithmPolicy, until deadline: ContinuousClock.Instant) throws(SFTPFailure) {
        do throws(SFTPFailure) {
            let check = try HostKeyCheck(endpoint, policy: policy)
            let (connected, hostKey) = try meet(check, policy, until: deadline)
            try connected.authenticate(endpoint.credential)
            try connected.openChannel()
            transport = connected
            try converse { codec in codec.isBegun }
            let algorithms = connected.algorithms
            agreed = Terms(
                hostKey: hostKey,
                keyExchange: algorithms.keyExchange,
                cipher: algorithms.cipher,
                extensions: codec.extensions.sorted()
            )
            state = .open
            if codec.extensions.contains("limits@openssh.com") { askLimits() }
        } catch {
            // Whoever cut the connection knows better why it broke.
            let failure = cutoff.failure ?? error
            die(failure)
            throw failure
        }
    }

    /// Asks what the server allows, without waiting: the answer comes before that of the first request to open a file.
    private func askLimits() {
        isAskingLimits = true
        start(
            SingleRequest(id: newOperation(), .limits) { result in
                self.isAskingLimits = false
                // A server that does not say after all is taken for one that has not offered to.
                if case .success(.extended(let reply)) = result { self.limits = SFTPLimits(reply: reply) }
                self.admit()
            }
        )
    }

    /// Connects as often as it takes to see a key that was agreed on.
    func meet(
        _ check: HostKeyCheck,
        _ policy: AlgorithmPolicy,
        until deadline: ContinuousClock.Instant
    ) throws(SFTPFailure) -> (SSHTransport, HostKeyPin) {
        var refusal: SFTPFailure?
        for hostKeys in check.attempts {
            cutoff.release()
            do throws(SFTPFailure) {
                let offered = try transport(offering: hostKeys, policy, until: deadline)
                try check.accept(offered.key)
                return (offered.transport, offered.key.pin)
            } catch {
                guard case .hostKeyMismatch = error else { throw error }
                refusal = refusal ?? error
            }
        }
        throw refusal ?? .badSettings("no host key is agreed on")
    }

    /// Connects and exchanges keys; no credential is sent.
    func transport(
        offering hostKeys: [String],
        _ policy: AlgorithmPolicy,
        until deadline: ContinuousClock.Instant
    ) throws(SFTPFailure) -> (transport: SSHTransport, key: SSHTransport.OfferedKey) {
        let route = TCPConnection(
            host: endpoint.host,
            port: endpoint.port,
            deadline: deadline,
            cutoff: cutoff
        )
        let window = min(max(endpoint.window, 2 << 20), 32 << 20)
        let transport = try SSHTransport.make(window: window)
        try transport.exchangeKeys(
            over: try route.connect(),
            to: endpoint,
            policy: policy,
            hostKeys: hostKeys
        )
        return (transport, try transport.offeredKey())
    }

    /// Talks to the server until something is known, while nothing else goes on; the connect deadline ends it.
    private func converse(
        until isKnown: (inout SFTPCodec) throws(ProtocolViolation) -> Bool
    ) throws(SFTPFailure) {
        while true {
            try flush()
            do throws(ProtocolViolation) {
                if try isKnown(&codec) { return }
                if !codec.isBegun, try codec.next() == nil, codec.isBegun { continue }
            } catch {
                throw .protocolError(error.text)
            }
            if let failure = cutoff.failure { throw failure }
            _ = try read(patience: 100)
        }
    }

    // The turns.

    func turn(cancelled: [Int]) -> ReactorTurn {
        for id in cancelled { cancel(id) }
        guard case .open = state else { return ReactorTurn() }
        do throws(SFTPFailure) {
            let isBusy = try pump()
            if !isBusy { try checkDeadlines() }
            guard case .open = state, let transport else { return ReactorTurn() }
            var turn = ReactorTurn(descriptor: transport.descriptor, wantsToWrite: transport.wantsToWrite)
            if isBusy {
                turn.patience = 0
            } else if pending.isEmpty {
                turn.patience =
                    max(.zero, endpoint.keepAlive - (ContinuousClock.now - lastArrival)).milliseconds
            } else {
                turn.patience = Self.deadlineStep.milliseconds
            }
            return turn
        } catch {
            die(error)
            return ReactorTurn()
        }
    }

    /// Sends what is to be sent and takes what has come, for a few milliseconds at most.
    ///
    /// - Returns: Whether there may be more at once.
    private func pump() throws(SFTPFailure) -> Bool {
        try flush()
        let end = ContinuousClock.now + .milliseconds(5)
        var taken = 0
        while taken < 1 << 20 {
            // While replies are due, the library's own wait is the cheapest one.
            let count = try read(patience: pending.isEmpty || emptyReads > 4 ? 0 : 2)
            guard count > 0 else {
                emptyReads += 1
                return !pending.isEmpty && emptyReads <= 4
            }
            emptyReads = 0
            taken += count
            try dispatch()
            try flush()
            guard case .open = state else { return true }
            // The time that our own disk takes is not the server's silence.
            lastArrival = .now
            guard lastArrival < end else { return true }
        }
        return true
    }

    private func dispatch() throws(SFTPFailure) {
        do throws(ProtocolViolation) {
            while case .open = state, let (id, reply) = try codec.next() {
                guard let request = pending.removeValue(forKey: id) else { continue }
                readAhead.answered(after: lastArrival - request.sent)
                request.operation.receive(reply, tag: request.tag, in: self)
            }
        } catch {
            throw .protocolError(error.text)
        }
    }

    private func flush() throws(SFTPFailure) {
        guard let transport else { return }
        while !codec.outgoing.isEmpty {
            let count = try transport.write(codec.outgoing[...])
            guard count > 0 else { return }
            emptyReads = 0
            codec.sent(count)
        }
    }

    /// Reads once; the answer is how many bytes came.
    private func read(patience: CInt) throws(SFTPFailure) -> Int {
        guard let transport else { throw .closed }
        var result = Result<SSHTransport.Arrival, SFTPFailure>.success(.nothing)
        let count = codec.fill { space in
            do throws(SFTPFailure) {
                let arrival = try transport.read(into: space, patience: patience)
                result = .success(arrival)
                if case .bytes(let count) = arrival { return count }
            } catch {
                result = .failure(error)
            }
            return 0
        }
        if case .ended(let words) = try result.get() {
            throw .connectionLost(words.isEmpty ? "the connection is gone" : words)
        }
        if count > 0 { lastArrival = .now }
        return count
    }

    private static let deadlineStep = Duration.milliseconds(50)

    /// Ends the session when the server owes an answer for too long; asks for a sign of life when nothing is asked.
    private func checkDeadlines() throws(SFTPFailure) {
        let now = ContinuousClock.now
        guard now - lastDeadlineCheck >= Self.deadlineStep else { return }
        lastDeadlineCheck = now
        for request in pending.values {
            // Bytes that come show that the server is busy with us; but not for ever.
            let silence = now - max(request.sent, lastArrival)
            if silence > endpoint.stepTimeout || now - request.sent > endpoint.hardTimeout {
                throw .timedOut(request.step)
            }
        }
        if pending.isEmpty, now - lastArrival >= endpoint.keepAlive {
            post(.resolve(path: [UInt8(ascii: ".")]))
            try flush()
        }
    }
}
