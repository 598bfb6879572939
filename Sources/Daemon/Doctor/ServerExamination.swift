import Ingestion
import Intake
import Ledger
import SFTP

/// The steps that lead to the inbox and look around there.
struct ServerExamination {
    private static let wire = [
        "dns", "tcp", "algorithms", "host_key", "authentication", "sftp",
    ]
    private static let place = ["directories", "stat_precision", "write_probe", "clock"]
    static let names = wire + place

    private let configuration: Configuration
    private let secrets: Secrets?
    private let ledger: Ledger?
    private let probesWrite: Bool
    private let now: Timestamp

    init(
        _ configuration: Configuration,
        secrets: Secrets?,
        ledger: Ledger?,
        probesWrite: Bool,
        now: Timestamp
    ) {
        self.configuration = configuration
        self.secrets = secrets
        self.ledger = ledger
        self.probesWrite = probesWrite
        self.now = now
    }

    /// All steps in their order; after one that failed the others are skipped.
    func steps() async -> [DoctorStep] {
        guard case .sftp(let user, let host, let port, let path) = configuration.inbox.address else {
            let skipped = Self.wire.map { DoctorStep.skipped($0, because: "the inbox is a folder") }
            return skipped + (await inboxSteps(FolderInbox(path: configuration.inbox.url.folderPath)))
        }
        var endpoint = SFTPEndpoint(
            host: host,
            port: port,
            user: user,
            credential: .agent,
            hostKeys: HostKeyPolicy(pins: [], knownHosts: configuration.inbox.knownHosts)
        )
        endpoint.connectTimeout = configuration.inbox.connectTimeout
        endpoint.stepTimeout = configuration.inbox.stepTimeout
        endpoint.extraAlgorithms = configuration.inbox.extraAlgorithms
        var steps = await greet(endpoint)
        guard !steps.haveFailed else { return steps.completed(Self.names) }
        steps += await meet(&endpoint)
        guard !steps.haveFailed else { return steps.completed(Self.names) }
        guard let secrets else {
            steps.append(.skipped("authentication", because: "the credentials cannot be used"))
            return steps.completed(Self.names, because: "the credentials cannot be used")
        }
        endpoint.credential = InboxWiring.credential(configuration.inbox, secrets)
        steps += await logIn(endpoint)
        guard !steps.haveFailed else { return steps.completed(Self.names) }
        return steps + (await inboxSteps(SFTPInbox(endpoint, root: path, pauses: [])))
    }

    // To the server, before anything of ours is said.

    private func greet(_ endpoint: SFTPEndpoint) async -> [DoctorStep] {
        let probe: ServerProbe
        do {
            probe = try await ServerProbe.of(endpoint)
        } catch {
            return [unreachable("dns", error)]
        }
        var steps: [DoctorStep] = []
        switch probe.addresses {
        case .success(let addresses):
            steps.append(.ok("dns", "\(endpoint.host): \(addresses.joined(separator: ", "))"))
        case .failure(let failure):
            return [
                .failed(
                    "dns",
                    failure.sentence,
                    remedy: "check the host in inbox.url, and this machine's resolver",
                    .unavailable
                )
            ]
        }
        switch probe.connection {
        case .success(let time):
            let milliseconds = Int(time / .milliseconds(1))
            steps.append(.ok("tcp", "port \(endpoint.port) answers in \(milliseconds) ms"))
        case .failure(let failure): return steps + [unreachable("tcp", failure)]
        case nil: return steps
        }
        switch probe.proposal {
        case .success(let proposal): steps.append(algorithms(proposal, endpoint))
        case .failure(let failure):
            steps.append(
                .failed(
                    "algorithms",
                    failure.sentence,
                    remedy: "check the port in inbox.url: an SSH server must answer there",
                    failure.exitStatus
                )
            )
        case nil: break
        }
        return steps
    }

    private func unreachable(_ name: String, _ failure: SFTPFailure) -> DoctorStep {
        .failed(
            name,
            failure.sentence,
            remedy: "check host and port in inbox.url, and every firewall on the way",
            .unavailable
        )
    }

    private func algorithms(_ proposal: ServerProposal, _ endpoint: SFTPEndpoint) -> DoctorStep {
        let policy: AlgorithmPolicy
        do {
            policy = try AlgorithmPolicy(adding: endpoint.extraAlgorithms)
        } catch {
            return .failed(
                "algorithms",
                error.sentence,
                remedy: "mend inbox.extra_algorithms",
                .configuration
            )
        }
        let kinds = proposal.kinds(with: policy)
        let missing = kinds.filter(\.common.isEmpty)
        guard missing.isEmpty else {
            let found = missing.map { kind in
                let (ours, theirs) = (kind.ours.joined(separator: ","), kind.theirs.joined(separator: ","))
                return "no \(kind.name) in common: we offer \(ours); the server offers \(theirs)"
            }
            let addable = missing.flatMap(\.theirs).filter(AlgorithmPolicy.addable.contains)
            let remedy =
                addable.isEmpty
                ? "ask the server's owner for one of those that we offer"
                : "inbox.extra_algorithms: [ \(addable.uniqued.joined(separator: ", ")) ], if you accept its age"
            return .failed("algorithms", found.joined(separator: "; "), remedy: remedy, .protocolError)
        }
        let agreed = kinds.map { "\($0.name) \($0.common[0])" }.joined(separator: ", ")
        return .ok("algorithms", "\(proposal.banner): \(agreed)")
    }

    // Whom the server is, and whether it lets us in.

    /// Checks the server's key; the pins that count go into `endpoint`.
    private func meet(_ endpoint: inout SFTPEndpoint) async -> [DoctorStep] {
        let pins: [InboxWiring.Pin]
        do {
            pins = try InboxWiring.pins(configuration.inbox, ledger: ledger)
        } catch {
            return [.failed("host_key", "\(error)", remedy: "see what is said of the ledger", .inputOutput)]
        }
        endpoint.hostKeys.pins = pins.filter { $0.counts(at: now) }.compactMap { HostKeyPin($0.text) }
        let scan = "ledgerdrop hostkey scan \(configuration.dropOption)"
        guard !endpoint.hostKeys.pins.isEmpty || endpoint.hostKeys.knownHosts != nil else {
            let found = pins.isEmpty ? "no host key is pinned" : "every pin's last day has passed"
            let remedy = "\(scan), compare with what the owner says, then ledgerdrop hostkey accept"
            return [.failed("host_key", found, remedy: remedy, .configuration)]
        }
        do {
            let probe = try await LogInProbe.of(endpoint)
            let methods = probe.methods.isEmpty ? "unknown" : probe.methods.joined(separator: ", ")
            let key = hostKey(probe.hostKey, pins)
            guard probe.methods.isEmpty || offers(probe.methods) else {
                let failed = DoctorStep.failed(
                    "authentication",
                    "the server offers \(methods); we have \(InboxWiring.kind(configuration.inbox))",
                    remedy: "name a credential of a kind that it offers: inbox.identity or inbox.password",
                    .noPermission
                )
                return [key, failed]
            }
            return [key]
        } catch SFTPFailure.hostKeyMismatch(let offered, let words) {
            return [refusedKey(offered, words, remedy: "\(scan); accept it only if the owner confirms it")]
        } catch SFTPFailure.hostKeyUnknown(let offered, let words) {
            return [refusedKey(offered, words, remedy: scan)]
        } catch {
            return [
                .failed("host_key", error.sentence, remedy: "see the server's log", error.exitStatus)
            ]
        }
    }

    private func refusedKey(_ offered: HostKeyPin?, _ words: String, remedy: String) -> DoctorStep {
        let key = offered.map { "; it showed \($0)" } ?? ""
        return .failed("host_key", "\(words)\(key); no credential was sent", remedy: remedy, .noPermission)
    }

    private func hostKey(_ key: HostKeyPin, _ pins: [InboxWiring.Pin]) -> DoctorStep {
        let matching = pins.filter { HostKeyPin($0.text)?.accepts(key) == true && $0.counts(at: now) }
        // A pin without a last day outlives the others.
        let ends = matching.compactMap(\.lastDay)
        let soon = String(now.adding(seconds: 14 * 86_400).text.prefix(10))
        guard let last = ends.max(), ends.count == matching.count, last <= soon else {
            return .ok("host_key", "\(key)\(matching.isEmpty ? ", by known_hosts" : ", pinned")")
        }
        return .warning(
            "host_key",
            "\(key), pinned until \(last)",
            remedy: "ledgerdrop hostkey accept the key that comes next, \(configuration.dropOption)"
        )
    }

    /// Whether the server takes the kind of credential that we have.
    private func offers(_ methods: [String]) -> Bool {
        if methods.contains("none") { return true }
        return methods.contains(
            InboxWiring.kind(configuration.inbox) == "a password" ? "password" : "publickey"
        )
    }

    private func logIn(_ endpoint: SFTPEndpoint) async -> [DoctorStep] {
        do {
            let session = try await SFTPSession.connect(endpoint)
            let terms = await session.terms
            // Its answer comes behind that to the question what the server allows.
            _ = try? await session.look(at: [UInt8(ascii: ".")])
            let longest = await session.longestRead
            await session.close()
            let extensions = terms?.extensions.joined(separator: ", ") ?? ""
            return [
                .ok("authentication", "\(endpoint.user) is let in with \(endpoint.credential)"),
                .ok(
                    "sftp",
                    "version 3, reads of \(longest) bytes, extensions: \(extensions.isEmpty ? "none" : extensions)"
                ),
            ]
        } catch SFTPFailure.authRefused(let words) {
            return [
                .failed(
                    "authentication",
                    "the server does not let \(endpoint.user) in with \(endpoint.credential): \(words)",
                    remedy: "check user, key and password with whoever runs the server",
                    .noPermission
                )
            ]
        } catch SFTPFailure.badSettings(let words) {
            return [
                .failed("authentication", words, remedy: "mend the credential", .configuration)
            ]
        } catch SFTPFailure.protocolError(let words) {
            return [
                .ok("authentication", "\(endpoint.user) is let in with \(endpoint.credential)"),
                .failed("sftp", words, remedy: "the server must have the subsystem sftp", .protocolError),
            ]
        } catch {
            return [
                .failed(
                    "authentication",
                    error.sentence,
                    remedy: "try again; see the server's log",
                    .unavailable
                )
            ]
        }
    }

    private func inboxSteps(_ inbox: some Inbox) async -> [DoctorStep] {
        let examination = InboxExamination(configuration, inbox, probesWrite: probesWrite, now: now)
        let steps = await examination.steps()
        await inbox.close()
        return steps.completed(Self.place)
    }
}

extension [DoctorStep] {
    /// Whether one of them failed.
    var haveFailed: Bool { contains { $0.outcome == .failed } }

    /// The steps of these names, those that are not there as skipped.
    func completed(_ names: [String], because reason: String? = nil) -> [DoctorStep] {
        let culprit = first { $0.outcome == .failed }?.name.replacing("_", with: " ")
        let words = reason ?? "\(culprit ?? "an earlier step") failed"
        return self
            + names.filter { name in !contains { $0.name == name } }
            .map { .skipped($0, because: words) }
    }
}

extension [String] {
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

extension String {
    /// The path of a `file:` URL.
    fileprivate var folderPath: String {
        if case .success(.folder(let path)) = InboxAddress.read(self) { path } else { "/" }
    }
}
