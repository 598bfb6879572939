import Glibc

/// How far one gets with a server before any keys are exchanged; `nil` stands for what was not tried.
package struct ServerProbe: Sendable {
    /// The addresses of the name.
    package var addresses: Result<[String], SFTPFailure>
    /// How long the connection took.
    package var connection: Result<Duration, SFTPFailure>?
    package var proposal: Result<ServerProposal, SFTPFailure>?

    /// Looks a server up, connects and reads what it offers; nothing but our name is sent.
    ///
    /// Each of the three may take as long as the endpoint's connect timeout says for all of them.
    package static func of(_ endpoint: SFTPEndpoint) async throws(SFTPFailure) -> ServerProbe {
        let session = SFTPSession(endpoint)
        return try await session.withinConnectTimeout { session, deadline throws(SFTPFailure) in
            session.probe(until: deadline)
        }
    }
}

/// Whom a server is, and how it wants to be logged in to; no credential is sent for it.
package struct LogInProbe: Sendable {
    package var hostKey: HostKeyPin
    /// Such as `publickey` and `password`.
    package var methods: [String]

    /// Exchanges keys, checks the server's and asks for the methods, with nothing but the user's name.
    ///
    /// - Throws: ``SFTPFailure/hostKeyMismatch(offered:_:)`` and the others of connecting.
    package static func of(_ endpoint: SFTPEndpoint) async throws(SFTPFailure) -> LogInProbe {
        let policy = try AlgorithmPolicy(adding: endpoint.extraAlgorithms)
        let session = SFTPSession(endpoint)
        return try await session.withinConnectTimeout { session, deadline throws(SFTPFailure) in
            try session.probeLogIn(policy, until: deadline)
        }
    }
}

extension SFTPSession {
    /// The most bytes that one READ asks for, as far as the server has said what it allows.
    package var longestRead: Int { Int(readChunk) }

    fileprivate func probe(until deadline: ContinuousClock.Instant) -> ServerProbe {
        defer { cutoff.release() }
        let route = TCPConnection(
            host: endpoint.host,
            port: endpoint.port,
            deadline: deadline,
            cutoff: cutoff
        )
        do throws(SFTPFailure) {
            var probe = ServerProbe(addresses: .success(try route.numericAddresses()))
            let start = ContinuousClock.now
            do throws(SFTPFailure) {
                let socket = try route.connect()
                defer { Glibc.close(socket) }
                probe.connection = .success(ContinuousClock.now - start)
                do throws(SFTPFailure) {
                    probe.proposal = .success(try Greeting(socket, route).proposal())
                } catch {
                    probe.proposal = .failure(error)
                }
            } catch {
                probe.connection = .failure(error)
            }
            return probe
        } catch {
            return ServerProbe(addresses: .failure(error))
        }
    }

    fileprivate func probeLogIn(
        _ policy: AlgorithmPolicy,
        until deadline: ContinuousClock.Instant
    ) throws(SFTPFailure) -> LogInProbe {
        defer { cutoff.release() }
        let (transport, pin) = try meet(HostKeyCheck(endpoint, policy: policy), policy, until: deadline)
        return LogInProbe(hostKey: pin, methods: try transport.offeredMethods())
    }
}

/// The first words of two SSH sides: names, and the list of what the server can.
private struct Greeting {
    /// More than any server sends before keys are exchanged.
    private static let limit = 64 << 10
    private let socket: CInt
    private let route: TCPConnection

    init(_ socket: CInt, _ route: TCPConnection) {
        self.socket = socket
        self.route = route
    }

    func proposal() throws(SFTPFailure) -> ServerProposal {
        var bytes: [UInt8] = []
        var banner: String?
        // Other lines may stand before the name.
        while banner == nil {
            guard let end = bytes.firstIndex(of: 0x0A) else {
                try receive(into: &bytes)
                continue
            }
            let line = bytes[..<end]
            bytes.removeFirst(end + 1)
            guard line.starts(with: Array("SSH-".utf8)) else { continue }
            banner = ServerText.shown(line.filter { $0 != 0x0D })
        }
        try send("SSH-2.0-ledgerdrop_doctor\r\n")
        while bytes.count < 5 { try receive(into: &bytes) }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let padding = Int(bytes[4])
        guard length < Self.limit, length > padding + 1 else { throw noSSH }
        while bytes.count < 4 + length { try receive(into: &bytes) }
        var proposal = ServerProposal(banner: banner ?? "")
        guard proposal.read(bytes[5..<(4 + length - padding)]) else { throw noSSH }
        return proposal
    }

    private var noSSH: SFTPFailure { .protocolError("what answers there does not speak SSH 2") }

    private func receive(into bytes: inout [UInt8]) throws(SFTPFailure) {
        guard bytes.count <= Self.limit else { throw noSSH }
        guard route.wait(for: socket, CInt(POLLIN)) else {
            throw .timedOut("it accepts connections and says nothing")
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count > 0 else { throw .connectionLost("the server ended the connection at once") }
        bytes += buffer[..<count]
    }

    private func send(_ text: String) throws(SFTPFailure) {
        let bytes = Array(text.utf8)
        guard Glibc.send(socket, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
            throw .connectionLost("the server ended the connection at once")
        }
    }
}
