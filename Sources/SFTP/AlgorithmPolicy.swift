import CLibSSH

/// Which algorithms we offer: always said in full, never left to the library's defaults or the host's files.
package struct AlgorithmPolicy: Equatable, Sendable {
    package private(set) var keyExchanges = [
        "curve25519-sha256", "curve25519-sha256@libssh.org", "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512",
    ]
    package private(set) var hostKeys = ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]
    package private(set) var ciphers: [String]
    package private(set) var macs = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"]
    private var userKeys = ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]

    /// The policy with a drop's own additions.
    ///
    /// - Parameters:
    ///   - extras: Names of what a drop may add, put behind those that are always offered.
    ///   - hasAES: Whether the processor computes AES itself; then AES-GCM stands first.
    /// - Throws: ``SFTPFailure/badSettings(_:)`` naming what may not be added.
    package init(adding extras: [String] = [], hasAES: Bool = clibssh_has_aes()) throws(SFTPFailure) {
        let gcm = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"]
        let chacha = ["chacha20-poly1305@openssh.com"]
        ciphers = (hasAES ? gcm + chacha : chacha + gcm) + ["aes256-ctr", "aes192-ctr", "aes128-ctr"]
        for extra in extras {
            if Self.addedKeyExchanges.contains(extra) {
                keyExchanges.append(extra)
            } else if Self.addedMACs.contains(extra) {
                macs.append(extra)
            } else if Self.addedHostKeys.contains(extra) {
                hostKeys.append(extra)
                // A signature of a user with SHA-1 is never made.
                if extra != "ssh-rsa" { userKeys.append(extra) }
            } else {
                throw .badSettings("\(ServerText.shown(Array(extra.utf8))) is no algorithm that may be added")
            }
        }
    }

    /// The algorithms a user's key may sign with; the type of a key that was configured counts as named.
    func userKeys(for credential: SFTPEndpoint.Credential) -> [String] {
        switch credential {
        case .key, .keyFile: userKeys + Self.ecdsa.filter { !userKeys.contains($0) }
        case .password, .agent: userKeys
        }
    }

    /// The algorithms by which a key of this type, as known_hosts files name it, may prove itself.
    ///
    /// - Returns: `nil` for a type that is never accepted.
    static func hostKeys(ofType type: String) -> [String]? {
        switch type {
        case "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521": [type]
        case "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"]
        default: nil
        }
    }

    /// The names that a drop may add.
    package static var addable: [String] { addedKeyExchanges + addedHostKeys + addedMACs }

    private static let addedKeyExchanges = [
        "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1",
    ]
    private static let ecdsa = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"]
    private static let addedHostKeys = ecdsa + ["ssh-rsa"]
    private static let addedMACs = ["hmac-sha2-256", "hmac-sha2-512"]
}
