import Yams

/// The section `inbox`: where the customer leaves files, and how we get in.
package struct InboxSettings: Sendable, Equatable {
    package enum Layout: String, Sendable, CaseIterable {
        case folders
        case flat
    }

    package enum Disposal: String, Sendable, CaseIterable {
        case move
        case leave
        case delete
    }

    package enum Marker: String, Sendable, CaseIterable {
        case none
        case done
        case sha256
        case manifest
    }

    /// A host key that is trusted, as `ssh-ed25519 SHA256:…` or `SHA256:…`.
    package struct HostKey: Sendable, Hashable {
        /// `nil`: any allowed type.
        package let type: String?
        /// `SHA256:` and 43 characters of base 64.
        package let fingerprint: String
        /// The last day, `YYYY-MM-DD`, on which the pin counts; `nil`: for ever.
        package let notAfter: String?
    }

    /// - `url` (text, required): `sftp://user@host:port/path` or `file:///path`.
    package var url = ""
    package var address = InboxAddress.folder(path: "/")
    /// - `identity` (credential, optional): the private key. With neither key nor password the agent is asked.
    package var identity: String?
    /// - `passphrase` (credential, optional): opens an encrypted `identity`.
    package var passphrase: String?
    /// - `password` (credential, optional).
    package var password: String?
    /// - `host_keys` (list, optional): pins from the configuration; more may have been accepted into the ledger.
    package var hostKeys: [HostKey] = []
    /// - `known_hosts` (path, optional): a file in OpenSSH's format.
    package var knownHosts: String?
    /// - `layout` (`folders` or `flat`, default: `folders`).
    package var layout = Layout.folders
    /// - `after` (`move`, `leave` or `delete`, default: `move`).
    package var after = Disposal.move
    /// - `patterns` (list per type, optional): names in layout `flat`, instead of the type's own.
    package var patterns: [String: [String]] = [:]
    /// - `marker` (`none`, `done`, `sha256` or `manifest`, default: `none`).
    package var marker = Marker.none
    /// - `claim` (flag, default: false): take each file by a rename into `processing/` before it is read.
    package var claim = false
    /// - `read_twice` (flag, default: false).
    package var readTwice = false
    /// - `timeouts.connect`, `timeouts.step` (duration, default: 30s).
    package var connectTimeout = Duration.seconds(30)
    package var stepTimeout = Duration.seconds(30)
    /// - `retry_for` (duration, default: 10m): how long an unreachable server is tried at a slot.
    package var retryFor = Duration.seconds(600)
    /// - `extra_algorithms` (list, optional): named additions to the SSH policy.
    package var extraAlgorithms: [String] = []

    package init() {}

    init(_ section: inout StrictMapping, known: RecordNames) {
        let before = section.problems.count
        if let read: (String, InboxAddress) = section.checked(
            "url",
            read: { text in
                InboxAddress.read(text).map { (text, $0) }
            }
        ) {
            (url, address) = read
        }
        section.require("url", !url.isEmpty, unlessRefusedSince: before)
        identity = section.credential("identity")
        passphrase = section.credential("passphrase")
        password = section.credential("password")
        hostKeys = section.list("host_keys") { $0.hostKey($1) }
        knownHosts = section.path("known_hosts")
        layout = section.word("layout", default: .folders)
        after = section.word("after", default: .move)
        patterns = section.byType("patterns", known: known) { $0.patterns($1, $2) }
        marker = section.word("marker", default: .none)
        claim = section.flag("claim", default: false)
        if claim, after == .leave {
            section.refuse("claim", at: nil, "renames files on the server, which after: leave rules out")
        }
        readTwice = section.flag("read_twice", default: false)
        let timeouts = section.section("timeouts") { timeouts in
            (
                timeouts.duration("connect", in: .seconds(1) ... .seconds(600), default: .seconds(30)),
                timeouts.duration("step", in: .seconds(1) ... .seconds(600), default: .seconds(30))
            )
        }
        (connectTimeout, stepTimeout) = timeouts ?? (connectTimeout, stepTimeout)
        retryFor = section.duration("retry_for", in: .zero ... .seconds(3000), default: .seconds(600))
        extraAlgorithms = section.list("extra_algorithms") { section, node in
            let expected = "one of \(knownExtraAlgorithms.joined(separator: ", "))"
            return section.value(of: node, "extra_algorithms", expected: expected) {
                knownExtraAlgorithms.contains($0) ? $0 : nil
            }
        }
    }
}

/// The additions that the SSH policy allows by name; everything else is refused, whoever asks.
private let knownExtraAlgorithms = [
    "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1", "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "hmac-sha2-256", "hmac-sha2-512",
]

private let hostKeyTypes = [
    "ssh-ed25519", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
]

extension InboxSettings.HostKey {
    /// Reads `ssh-ed25519 SHA256:…` or `SHA256:…`; `nil` for anything else.
    package init?(pin: String, notAfter: String? = nil) {
        let words = pin.split(separator: " ")
        guard let last = words.last, (1...2).contains(words.count), last.hasPrefix("SHA256:") else {
            return nil
        }
        let digest = last.dropFirst(7)
        let isBase64 = digest.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
            default: false
            }
        }
        guard digest.utf8.count == 43, isBase64 else { return nil }
        if words.count == 2 {
            guard hostKeyTypes.contains(String(words[0])) else { return nil }
        }
        self.init(
            type: words.count == 2 ? String(words[0]) : nil,
            fingerprint: String(last),
            notAfter: notAfter
        )
    }
}

extension StrictMapping {
    private static let pinForm = "a pin such as \"ssh-ed25519 SHA256:…\", as hostkey scan prints it"

    fileprivate mutating func hostKey(_ node: Node) -> InboxSettings.HostKey? {
        guard node.mapping != nil else {
            return value(of: node, "host_keys", expected: Self.pinForm) { InboxSettings.HostKey(pin: $0) }
        }
        return section(of: node, "host_keys") { entry in
            let before = entry.problems.count
            let pin = entry.value("pin", expected: Self.pinForm) { InboxSettings.HostKey(pin: $0) }
            entry.require("pin", pin != nil, unlessRefusedSince: before)
            let day = entry.value("not_after", expected: "a day such as 2026-12-31", read: civilDay)
            return pin.map {
                InboxSettings.HostKey(type: $0.type, fingerprint: $0.fingerprint, notAfter: day)
            }
        }
    }

    fileprivate mutating func patterns(_ type: String, _ node: Node) -> [String]? {
        guard let sequence = node.sequence, !sequence.isEmpty else {
            refuse(type, at: node, "expected a list of names")
            return nil
        }
        return sequence.compactMap { entry in
            value(of: entry, type, expected: "a name in lower case with underscores, such as invoices") {
                name in
                let isPlain = name.utf8.allSatisfy {
                    $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                }
                return isPlain && !name.isEmpty ? name : nil
            }
        }
    }
}

extension InboxSettings.HostKey {
    /// Reads the last day of a pin; `nil` for what is no day.
    package static func lastDay(_ text: String) -> String? { civilDay(text) }
}
