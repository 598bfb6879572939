import Ingestion
import Intake
import Ledger
import SFTP

/// The way into a drop's inbox, made anew for each run so that it sees the configuration in force.
enum InboxWiring {
    /// - Throws: ``CommandFailure`` when no host key is trusted, `DatabaseError` when the ledger cannot be asked.
    static func inbox(
        _ configuration: Configuration,
        secrets: Secrets,
        ledger: Ledger,
        at time: Timestamp
    ) throws -> any Inbox {
        let inbox = try unclaimed(configuration, secrets: secrets, ledger: ledger, at: time)
        guard configuration.inbox.claim else { return inbox }
        let settings = RunSettings(configuration)
        let layout = InboxLayout(settings.layout, marker: settings.marker)
        return ClaimingInbox(inbox, layout: layout, owner: ledger.uuid)
    }

    private static func unclaimed(
        _ configuration: Configuration,
        secrets: Secrets,
        ledger: Ledger,
        at time: Timestamp
    ) throws -> any Inbox {
        switch configuration.inbox.address {
        case .folder(let path):
            return FolderInbox(path: path, patience: configuration.inbox.stepTimeout)
        case .sftp(let user, let host, let port, let path):
            let pins = try pins(configuration.inbox, ledger: ledger)
                .filter { $0.counts(at: time) }.compactMap { HostKeyPin($0.text) }
            guard !pins.isEmpty || configuration.inbox.knownHosts != nil else {
                throw CommandFailure(
                    .configuration,
                    """
                    no host key of \(host):\(port) is pinned; run: ledgerdrop hostkey scan, compare what it prints, \
                    then ledgerdrop hostkey accept
                    """
                )
            }
            var endpoint = SFTPEndpoint(
                host: host,
                port: port,
                user: user,
                credential: credential(configuration.inbox, secrets),
                hostKeys: HostKeyPolicy(pins: pins, knownHosts: configuration.inbox.knownHosts)
            )
            endpoint.connectTimeout = configuration.inbox.connectTimeout
            endpoint.stepTimeout = configuration.inbox.stepTimeout
            endpoint.extraAlgorithms = configuration.inbox.extraAlgorithms
            return SFTPInbox(endpoint, root: path)
        }
    }

    static func credential(_ inbox: InboxSettings, _ secrets: Secrets) -> SFTPEndpoint.Credential {
        if let key = secrets[inbox.identity] {
            return .key(key.bytes, passphrase: secrets[inbox.passphrase]?.text)
        }
        return secrets[inbox.password].map { .password($0.text) } ?? .agent
    }

    /// A host key that somebody has said to trust.
    struct Pin {
        var text: String
        /// The last day on which it counts.
        var lastDay: String?

        func counts(at time: Timestamp) -> Bool { lastDay.map { time.text.prefix(10) <= $0 } ?? true }
    }

    /// The pins of the configuration and of the ledger, also those whose last day has passed.
    static func pins(_ inbox: InboxSettings, ledger: Ledger?) throws -> [Pin] {
        let configured = inbox.hostKeys.map { pin in
            Pin(
                text: [pin.type, pin.fingerprint].compactMap { $0 }.joined(separator: " "),
                lastDay: pin.notAfter
            )
        }
        let accepted = try ledger.map { try HostKeyLedger($0).all() } ?? []
        return configured + accepted.map { Pin(text: $0.pin, lastDay: $0.notAfter) }
    }

    /// What kind of credential is sent.
    static func kind(_ inbox: InboxSettings) -> String {
        if inbox.identity != nil { return "a private key" }
        return inbox.password != nil ? "a password" : "the agent"
    }
}
