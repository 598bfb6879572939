/// Why an inbox did not do what it was asked.
///
/// The texts are for people: escaped, at most a few hundred bytes, without a secret.
package enum InboxFailure: Error, Equatable, Sendable {
    /// The server, or the folder, cannot be reached, or was lost and could not be reached again.
    case unreachable(String)
    /// The server's host key is not one that was agreed on; no credential has been sent.
    case hostKeyMismatch(String)
    /// The server does not let us in.
    case authRefused(String)
    /// The server breaks the rules of its protocol.
    case protocolError(String)
    /// A listing has more than 200,000 names or 64 MB.
    case tooManyEntries
    /// We may not do this here.
    case permission(String)
    /// The file, or the folder, is not there.
    case gone
    /// The file is not the one that was listed: its size, its time or its bytes changed.
    case changed
    /// The server was silent for too long.
    case timedOut(String)
    /// The destination holds something else; nothing was overwritten.
    case targetTaken
    /// It cannot be told whether it was done; nothing was overwritten, and it may be asked again.
    case uncertain(String)
    /// The sink, on our side, did not take the bytes.
    case sinkFailed(String)
    /// Whoever asked no longer wants it.
    case cancelled
    /// Anything else the server, or the file system, said.
    case other(String)

    /// Whether the inbox as a whole failed, not only what was asked of it.
    package var endsTheRun: Bool {
        switch self {
        case .unreachable, .hostKeyMismatch, .authRefused, .protocolError, .cancelled: true
        case .tooManyEntries, .permission, .gone, .changed, .timedOut, .targetTaken, .uncertain, .sinkFailed,
            .other:
            false
        }
    }
}
