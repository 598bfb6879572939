/// Decides whether a server is the one we mean, and in which way to ask it for its key.
struct HostKeyCheck {
    private let pins: [HostKeyPin]
    private let known: KnownHosts?
    private let policy: AlgorithmPolicy

    init(_ endpoint: SFTPEndpoint, policy: AlgorithmPolicy) throws(SFTPFailure) {
        pins = endpoint.hostKeys.pins
        if let path = endpoint.hostKeys.knownHosts {
            known = try KnownHosts(path: path, host: endpoint.host, port: endpoint.port)
        } else {
            known = nil
        }
        self.policy = policy
    }

    /// The lists of host-key algorithms to try, one connection each.
    ///
    /// A server shows one key a connection, of the type that we prefer. So we ask for the types that we have agreed
    /// on; for a fingerprint without a type, for each type in turn.
    var attempts: [[String]] {
        let types = pins.compactMap(\.type) + (known?.keys.compactMap(\.pin.type) ?? [])
        var agreed: [String] = []
        for algorithm in types.flatMap({ algorithms(ofType: $0) }) where !agreed.contains(algorithm) {
            agreed.append(algorithm)
        }
        var attempts = agreed.isEmpty ? [] : [agreed]
        if pins.contains(where: { $0.type == nil }) {
            for type in Self.types {
                let ofType = algorithms(ofType: type).filter(policy.hostKeys.contains)
                if !ofType.isEmpty, !agreed.contains(where: ofType.contains) { attempts.append(ofType) }
            }
        }
        return attempts.isEmpty ? [policy.hostKeys] : attempts
    }

    /// - Throws: ``SFTPFailure/hostKeyMismatch(offered:_:)`` or ``SFTPFailure/hostKeyUnknown(offered:_:)`` unless the
    ///   key was agreed on.
    func accept(_ offered: SSHTransport.OfferedKey) throws(SFTPFailure) {
        let verdict = known?.verdict(on: offered)
        if case .revoked(let line) = verdict {
            throw .hostKeyMismatch(
                offered: offered.pin,
                "the key is revoked in line \(line) of the known_hosts file"
            )
        }
        if verdict == .accepted || pins.contains(where: { $0.accepts(offered.pin) }) { return }
        guard pins.isEmpty, verdict != .mismatch else {
            throw .hostKeyMismatch(
                offered: offered.pin,
                "the server offers \(offered.pin), which was not agreed on"
            )
        }
        throw .hostKeyUnknown(offered: offered.pin, "nothing is known of the server's key \(offered.pin)")
    }

    private func algorithms(ofType type: String) -> [String] {
        let usual = AlgorithmPolicy.hostKeys(ofType: type) ?? []
        // Only where a drop has named it does an RSA key sign with SHA-1.
        return type == "ssh-rsa" && policy.hostKeys.contains("ssh-rsa") ? usual + ["ssh-rsa"] : usual
    }

    static let types = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    ]
}
