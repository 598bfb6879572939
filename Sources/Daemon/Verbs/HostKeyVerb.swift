import Ledger
import SFTP

/// `ledgerdrop hostkey scan`: the keys that a server shows, to be compared with what its owner says.
package struct HostKeyScan: Report {
    private let keys: [ScannedHostKey]

    /// Asks the server; no credential is sent and nothing is changed.
    ///
    /// - Throws: ``CommandFailure``.
    package init(_ configuration: Configuration) async throws {
        let inbox = configuration.inbox
        guard case .sftp(_, let host, let port, _) = inbox.address else {
            throw CommandFailure(.usage, "inbox.url is a folder; it has no host key")
        }
        do {
            keys = try await scanHostKeys(
                host: host,
                port: port,
                timeout: inbox.connectTimeout,
                extraAlgorithms: inbox.extraAlgorithms
            )
        } catch {
            throw CommandFailure(
                error.exitStatus,
                DisplayText("\(host):\(port): \(error.sentence)", limit: 1024).escaped
            )
        }
    }

    package var text: String {
        keys.map { "\($0.pin)\n\(DisplayText($0.knownHostsLine, limit: 4096).escaped)\n" }.joined()
    }

    package var json: String {
        JSONValue.list(
            keys.map { .object([("pin", .text("\($0.pin)")), ("known_hosts", .text($0.knownHostsLine))]) }
        ).json
    }
}

extension SFTPFailure {
    /// What happened, for a person who asked a server for its keys.
    var sentence: String {
        switch self {
        case .unreachable(let words): "the server cannot be reached: \(words)"
        case .hostKeyMismatch(_, let words): "the server shows no key of a type that we take: \(words)"
        case .hostKeyUnknown(_, let words): "the server's key is not known: \(words)"
        case .authRefused(let words): "the server does not let us in: \(words)"
        case .badSettings(let words): "the settings of inbox cannot be used: \(words)"
        case .protocolError(let words): "the server does not keep to the protocol: \(words)"
        case .timedOut(let words): "the server was silent for too long: \(words)"
        case .connectionLost(let words): "the connection broke: \(words)"
        case .permissionDenied(let words): "the server refuses it: \(words)"
        case .refused(let code, let words): "the server refuses it with \(code): \(words)"
        case .localFailure(let words): "it failed on our side: \(words)"
        case .closed, .cancelled: "the connection was ended on our side"
        case .noSuchFile: "there is no such file"
        case .alreadyExists: "the name is taken"
        case .tooManyEntries: "the listing is too long"
        case .changed: "the file changed"
        }
    }

    /// How a one-shot verb ends that met this.
    var exitStatus: ExitStatus {
        switch self {
        case .hostKeyMismatch, .authRefused: .noPermission
        case .protocolError: .protocolError
        default: .unavailable
        }
    }
}
