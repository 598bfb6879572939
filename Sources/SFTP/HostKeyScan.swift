/// A key that a server holds, for people to compare with what the server's owner says.
package struct ScannedHostKey: Hashable, Sendable {
    package var pin: HostKeyPin
    /// The line for a known_hosts file.
    package var knownHostsLine: String
}

/// Asks a server for its keys, one connection for each type, and sends no credential.
///
/// - Parameters:
///   - host: A name or an address.
///   - port: The port of the SSH server.
///   - timeout: For the whole scan.
///   - extraAlgorithms: Names of ``AlgorithmPolicy/additions``.
/// - Returns: The keys, ed25519 first; at least one.
/// - Throws: ``SFTPFailure`` of the first type, when there is no key at all.
package func scanHostKeys(
    host: String,
    port: Int = 22,
    timeout: Duration = .seconds(30),
    extraAlgorithms: [String] = []
) async throws(SFTPFailure) -> [ScannedHostKey] {
    let policy = try AlgorithmPolicy(adding: extraAlgorithms)
    var endpoint = SFTPEndpoint(
        host: host,
        port: port,
        user: "scan",
        credential: .agent,
        hostKeys: HostKeyPolicy()
    )
    endpoint.connectTimeout = timeout
    let session = SFTPSession(endpoint)
    return try await session.withinConnectTimeout { session, deadline throws(SFTPFailure) in
        try session.scan(policy, until: deadline)
    }
}

extension SFTPSession {
    fileprivate func scan(
        _ policy: AlgorithmPolicy,
        until deadline: ContinuousClock.Instant
    ) throws(SFTPFailure) -> [ScannedHostKey] {
        // A scan leaves no session behind.
        defer { cutoff.release() }
        var found: [ScannedHostKey] = []
        var refusal: SFTPFailure?
        for type in HostKeyCheck.types {
            cutoff.release()
            do throws(SFTPFailure) {
                let algorithms = AlgorithmPolicy.hostKeys(ofType: type) ?? []
                let key = try transport(offering: algorithms, policy, until: deadline).key
                let name = KnownHosts.name(host: endpoint.host, port: endpoint.port)
                let line = "\(name) \(key.pin.type ?? type) \(key.base64)"
                found.append(ScannedHostKey(pin: key.pin, knownHostsLine: line))
            } catch {
                refusal = refusal ?? error
                // Only "no key of this type" is worth another connection.
                guard case .hostKeyMismatch = error else { break }
            }
        }
        if found.isEmpty, let refusal { throw cutoff.failure ?? refusal }
        return found
    }
}
