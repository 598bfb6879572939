/// Why a session could not be had, or did not do what it was asked.
///
/// Texts are for people: escaped, short, without a secret.
package enum SFTPFailure: Error, Equatable, Sendable {
    /// No connection came about: name, network, server or key exchange.
    case unreachable(String)
    /// The server's key is not one of those agreed on; no credential was sent. `offered` may not be known.
    case hostKeyMismatch(offered: HostKeyPin?, String)
    /// Nothing is known of the server's key; no credential was sent.
    case hostKeyUnknown(offered: HostKeyPin, String)
    /// The server does not let this user in, or our own credential cannot be used.
    case authRefused(String)
    /// Our own settings cannot be used: an algorithm, a key file, a known_hosts file.
    case badSettings(String)
    /// The server breaks the rules of the protocol, or no algorithm is common. The session is over.
    case protocolError(String)
    /// The server was silent for too long while it should do this. The session is over.
    case timedOut(String)
    /// The connection broke. The session is over.
    case connectionLost(String)
    /// The session was closed on our side.
    case closed
    /// The task was cancelled. The session can still be used.
    case cancelled
    /// There is no file, or no folder, of this name.
    case noSuchFile
    case permissionDenied(String)
    /// The name is taken.
    case alreadyExists
    /// Any other refusal; many servers say `4 Failure` to everything.
    case refused(code: UInt32, words: String)
    /// A listing is beyond its limits.
    case tooManyEntries
    /// The file is not, or no longer, the one that was expected.
    case changed
    /// The sink did not take the bytes, or the source did not give them.
    case localFailure(String)

    /// Whether the session can no longer be used.
    package var endsSession: Bool {
        switch self {
        case .unreachable, .hostKeyMismatch, .hostKeyUnknown, .authRefused, .badSettings, .protocolError,
            .timedOut,
            .connectionLost, .closed:
            true
        case .cancelled, .noSuchFile, .permissionDenied, .alreadyExists, .refused, .tooManyEntries, .changed,
            .localFailure:
            false
        }
    }
}
