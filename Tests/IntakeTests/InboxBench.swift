import Glibc
import Intake
import SFTP
import Synchronization
import TestSupport

/// An inbox under test, with the folder behind it as this machine sees it.
struct InboxBench {
    /// The kinds of inbox that must behave alike.
    enum Kind: CaseIterable, Sendable {
        case folder
        case openSSH
        case asyncSSH
        case proFTPD

        /// Those that can run here.
        static var available: [Kind] { allCases.filter { $0 != .proFTPD || ProFTPDServer.isAvailable } }
    }

    let inbox: any Inbox
    /// The absolute path of the inbox's folder on this machine.
    let root: String
    /// The server, if it is OpenSSH.
    let openSSH: OpenSSHServer?
    private let held: [any Sendable]

    static func make(_ kind: Kind) async throws -> InboxBench {
        switch kind {
        case .folder:
            let folder = try TemporaryFolder("inbox")
            return InboxBench(
                inbox: FolderInbox(path: folder.path),
                root: folder.path,
                openSSH: nil,
                held: [folder]
            )
        case .openSSH:
            let server = try await OpenSSHServer.start()
            return InboxBench(inbox: try server.inbox(), root: server.root, openSSH: server, held: [server])
        case .asyncSSH:
            let server = try await AsyncSSHServer.start()
            guard let pin = HostKeyPin(server.hostKeyPin) else { throw SystemError(message: "no pin") }
            let endpoint = SFTPEndpoint(
                host: server.host,
                port: server.port,
                user: server.user,
                credential: .password(server.password),
                hostKeys: HostKeyPolicy(pins: [pin])
            )
            return InboxBench(
                inbox: SFTPInbox(endpoint, root: "/"),
                root: server.root,
                openSSH: nil,
                held: [server]
            )
        case .proFTPD:
            let server = try await ProFTPDServer.start()
            guard let pin = HostKeyPin(server.hostKeyPin) else { throw SystemError(message: "no pin") }
            let endpoint = SFTPEndpoint(
                host: server.host,
                port: server.port,
                user: server.user,
                credential: .keyFile(path: server.clientKey, passphrase: nil),
                hostKeys: HostKeyPolicy(pins: [pin])
            )
            let inbox = SFTPInbox(endpoint, root: server.root)
            return InboxBench(inbox: inbox, root: server.root, openSSH: nil, held: [server])
        }
    }

    func folder(_ path: String) throws {
        var made = root
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw SystemError("mkdir \(made)") }
        }
    }

    func write(_ text: String, _ path: String) throws { try write(Array(text.utf8), Array(path.utf8)) }

    func write(_ bytes: [UInt8], _ path: [UInt8]) throws {
        let file = (Array(root.utf8) + [0x2F] + path + [0]).map { CChar(bitPattern: $0) }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemError("write") }
    }

    func text(_ path: String) -> String? {
        (try? TemporaryFolder.read("\(root)/\(path)")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names in a folder, hidden ones too.
    func names(_ path: String) throws -> [String] {
        guard let stream = opendir("\(root)/\(path)") else { throw SystemError("opendir \(path)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Gives a file another time, in seconds.
    func touch(_ path: String, _ seconds: Int) throws {
        var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        guard utimensat(AT_FDCWD, "\(root)/\(path)", &times, 0) == 0 else { throw SystemError("utimensat") }
    }

    /// The listed entry of a name.
    func entry(_ folder: String, _ name: String) async throws -> InboxEntry {
        let directory = path(folder)
        let entries = try await inbox.list([directory])[directory] ?? []
        guard let entry = entries.first(where: { $0.name == RemoteName(name) }) else {
            throw SystemError(message: "\(folder)/\(name) is not listed")
        }
        return entry
    }

    /// A file put there and listed.
    func file(_ folder: String, _ name: String, _ text: String) async throws -> InboxEntry {
        try self.folder(folder)
        try write(text, "\(folder)/\(name)")
        return try await entry(folder, name)
    }
}

func path(_ text: String) -> RemotePath { RemotePath(text) ?? .root }

extension OpenSSHServer {
    /// The served folder as an inbox.
    func inbox(
        pauses: [Duration] = [.milliseconds(10), .milliseconds(20), .milliseconds(50), .milliseconds(100)],
        root: String? = nil,
        _ change: (inout SFTPEndpoint) -> Void = { _ in }
    ) throws -> SFTPInbox {
        guard let pin = HostKeyPin(hostKeyPin) else { throw SystemError(message: "no pin: \(hostKeyPin)") }
        var endpoint = SFTPEndpoint(
            host: host,
            port: port,
            user: user,
            credential: .keyFile(path: clientKey, passphrase: nil),
            hostKeys: HostKeyPolicy(pins: [pin])
        )
        endpoint.connectTimeout = .seconds(60)
        endpoint.stepTimeout = .seconds(60)
        change(&endpoint)
        return SFTPInbox(endpoint, root: root ?? self.root, pauses: pauses)
    }
}

/// Keeps what was fetched.
final class KeptBytes: ByteSink {
    struct Full: Error {}

    private let kept = Mutex<[UInt8]>([])
    private let limit: Int

    init(limit: Int = .max) { self.limit = limit }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var bytes: [UInt8] { kept.withLock { $0 } }

    func write(_ bytes: RawSpan, at offset: Int64) throws {
        let (start, end) = (Int(offset), Int(offset) + bytes.byteCount)
        guard end <= limit else { throw Full() }
        kept.withLock { kept in
            if kept.count < end { kept += [UInt8](repeating: 0, count: end - kept.count) }
            bytes.withUnsafeBytes { kept.replaceSubrange(start..<end, with: $0) }
        }
    }
}

/// What a fetch said of each file, in the order in which it said it.
struct Fetched {
    var results: [(entry: InboxEntry, result: Result<[UInt8], InboxFailure>)] = []
    var failure: InboxFailure?

    func result(_ name: String) -> Result<[UInt8], InboxFailure>? {
        results.first { $0.entry.name == RemoteName(name) }?.result
    }

    static func from(
        _ inbox: any Inbox,
        _ entries: [InboxEntry],
        limit: Int = .max,
        whenFinished: (InboxEntry) async -> Void = { _ in }
    ) async -> Fetched {
        var fetched = Fetched()
        do throws(InboxFailure) {
            try await inbox.fetch(entries) { _ in
                KeptBytes(limit: limit)
            } finished: { entry, result in
                fetched.results.append((entry, result.map(\.bytes)))
                await whenFinished(entry)
            }
        } catch {
            fetched.failure = error
        }
        return fetched
    }
}

/// What a call failed with.
func failure(_ call: () async throws(InboxFailure) -> Void) async -> InboxFailure? {
    do throws(InboxFailure) {
        try await call()
        return nil
    } catch {
        return error
    }
}
