/// The fingerprint of a server's key, as `ssh-keygen -l` prints it: `ssh-ed25519 SHA256:…`, or without the type.
package struct HostKeyPin: Hashable, Sendable {
    /// The key's type, as known_hosts files name it; `nil` fits every type.
    package let type: String?
    /// `SHA256:` and 43 characters of base 64.
    package let fingerprint: String

    /// Takes a pin as it is written in a configuration.
    ///
    /// - Returns: `nil` when it is none.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard let fingerprint = words.last, (1...2).contains(words.count) else { return nil }
        let digest = fingerprint.utf8.dropFirst(7)
        let isDigest =
            fingerprint.hasPrefix("SHA256:") && digest.count == 43
            && digest.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
                default: false
                }
            }
        guard isDigest else { return nil }
        switch words.count == 2 ? words[0] : nil {
        case nil: type = nil
        case "rsa-sha2-256", "rsa-sha2-512": type = "ssh-rsa"
        case let type? where AlgorithmPolicy.hostKeys(ofType: type) != nil: self.type = type
        default: return nil
        }
        self.fingerprint = fingerprint
    }

    init(type: String, fingerprint: String) {
        self.type = type
        self.fingerprint = fingerprint
    }

    /// Whether a server that offers the key of `offered` is the one meant.
    package func accepts(_ offered: HostKeyPin) -> Bool {
        (type == nil || type == offered.type) && fingerprint == offered.fingerprint
    }
}

extension HostKeyPin: CustomStringConvertible {
    package var description: String { type.map { "\($0) \(fingerprint)" } ?? fingerprint }
}

/// Which keys of a server are accepted; there is no way to accept any.
package struct HostKeyPolicy: Sendable {
    /// Each of these will do.
    package var pins: [HostKeyPin]
    /// The path of a known_hosts file that will do as well, and whose `@revoked` lines always count.
    package var knownHosts: String?

    package init(pins: [HostKeyPin] = [], knownHosts: String? = nil) {
        self.pins = pins
        self.knownHosts = knownHosts
    }

    /// Finds out before any connection whether the policy can accept a server at all.
    ///
    /// - Throws: ``SFTPFailure/badSettings(_:)`` when there is no pin and no key in the known_hosts file, or when that
    ///   file cannot be read or understood.
    package func check(host: String, port: Int) throws(SFTPFailure) {
        let known = try knownHosts.map { path throws(SFTPFailure) in
            try KnownHosts(path: path, host: host, port: port).keys
        }
        guard !pins.isEmpty || !(known ?? []).isEmpty else {
            throw .badSettings("no host key of \(KnownHosts.name(host: host, port: port)) is agreed on")
        }
    }
}
