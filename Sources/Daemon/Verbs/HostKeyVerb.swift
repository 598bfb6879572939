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
                DisplayText("\(host):\(port): \(error)", limit: 1024).escaped
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
    /// How a one-shot verb ends that met this.
    var exitStatus: ExitStatus {
        switch self {
        case .hostKeyMismatch, .authRefused: .noPermission
        case .protocolError: .protocolError
        default: .unavailable
        }
    }
}
