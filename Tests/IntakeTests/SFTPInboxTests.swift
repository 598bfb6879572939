import Intake
import SFTP
import TestSupport
import Testing

/// What only a server can do to an inbox.
@Suite(.timeLimit(.minutes(5)))
struct SFTPInboxTests {
    /// An inbox in the hostile server's folder.
    private func inbox(_ hostile: HostileSFTPServer, patience: Duration = .seconds(60)) throws -> SFTPInbox {
        try hostile.server.inbox(root: "/") { $0.stepTimeout = patience }
    }

    @Test func `after a lost connection the rest arrives over a new one`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.makeFolder("inbox/in")
        for number in 0..<200 {
            try server.folder.write([UInt8](repeating: 65, count: 5000), to: "inbox/in/\(number)")
        }
        let proxy = try await TCPProxy.start(to: server.port, cutAfter: 300_000, cuts: 2)
        let inbox = try server.inbox { $0.port = proxy.port }
        let entries = try await inbox.list([path("in")])[path("in")] ?? []
        let fetched = await Fetched.from(inbox, entries)
        #expect(fetched.failure == nil)
        #expect(fetched.results.count == 200)
        #expect(fetched.results.allSatisfy { $0.result == .success([UInt8](repeating: 65, count: 5000)) })
        #expect(server.log.ranges(of: "Accepted publickey").count == 3)
    }

    @Test func `a server that goes away for good ends the fetch, with every file reported`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.makeFolder("inbox/in")
        for number in 0..<100 {
            try server.folder.write([UInt8](repeating: 65, count: 500), to: "inbox/in/\(number)")
        }
        let inbox = try server.inbox()
        let entries = try await inbox.list([path("in")])[path("in")] ?? []
        let fetched = await Fetched.from(inbox, entries) { _ in server.stop() }
        #expect(fetched.results.count == 100)
        if case .success = fetched.results.last?.result { return }
        guard case .unreachable = fetched.failure else {
            throw SystemError(message: "\(fetched.failure as Any)")
        }
        try await server.restart()
        let again = await Fetched.from(inbox, entries)
        #expect(again.failure == nil)
        #expect(again.results.allSatisfy { $0.result == .success([UInt8](repeating: 65, count: 500)) })
    }

    @Test func `nobody there is told at once, and so is another host key`() async throws {
        let server = try await OpenSSHServer.start()
        let free = try freePort()
        let nobody = try server.inbox { $0.port = free }
        guard
            case .unreachable = await failure({ () throws(InboxFailure) in
                _ = try await nobody.list([path("in")])
            })
        else { throw SystemError(message: "nobody answers") }
        let pin = try #require(HostKeyPin("SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
        let other = try server.inbox { $0.hostKeys = HostKeyPolicy(pins: [pin]) }
        let entry = InboxEntry(directory: path("in"), name: "a.csv", size: 1, modified: 1)
        let fetched = await Fetched.from(other, [entry, entry])
        #expect(fetched.results.count == 2)
        guard case .hostKeyMismatch = fetched.failure else {
            throw SystemError(message: "\(fetched.failure as Any)")
        }
        let stranger = try server.inbox { $0.user = "nobody-of-this-name" }
        guard
            case .authRefused = await failure({ () throws(InboxFailure) in
                _ = try await stranger.list([path("in")])
            })
        else { throw SystemError(message: "a stranger is let in") }
    }

    @Test func `hostile names are reported and the other files arrive`() async throws {
        let hostile = try await HostileSFTPServer.start(.evilNames)
        let inbox = try inbox(hostile)
        let entries = try await inbox.list([path("in")])[path("in")] ?? []
        let refused = Set(entries.filter(\.name.isHostile).map(\.name.text))
        #expect(
            refused == [
                "../evil.csv", "/etc/cron.d/x.csv", "a/../../x", "", "nul\\x00.csv",
                String(repeating: "n", count: 4096),
            ]
        )
        #expect(entries.filter(\.name.isHostile).allSatisfy { $0.path == nil })
        // Of the others the server says nothing when it is asked again.
        let fetched = await Fetched.from(inbox, entries)
        #expect(fetched.result("small.csv") == .success(HostileSFTPServer.small))
        #expect(fetched.results.count == entries.count)
    }

    @Test func `a name that is listed twice is one entry, as a second look shows it`() async throws {
        let hostile = try await HostileSFTPServer.start(.sameNameTwice)
        let inbox = try inbox(hostile)
        let entries = (try await inbox.list([path("in")])[path("in")] ?? []).filter { $0.name == "small.csv" }
        #expect(entries.count == 1)
        #expect(entries.first?.isRepeated == true)
        #expect(entries.first?.size == 17)
    }

    @Test func `what a server does not say stays unknown`() async throws {
        let hostile = try await HostileSFTPServer.start(.noAttributes)
        let entries = try await inbox(hostile).list([path("in")])[path("in")] ?? []
        #expect(entries.count == 3)
        #expect(entries.allSatisfy { $0.kind == .unknown && $0.size == nil && $0.modified == nil })
    }

    @Test func `an endless folder is too many entries`() async throws {
        let hostile = try await HostileSFTPServer.start(.endlessFolder)
        let inbox = try inbox(hostile)
        #expect(
            await failure { () throws(InboxFailure) in _ = try await inbox.list([path("in")]) }
                == .tooManyEntries
        )
    }

    @Test(arguments: [HostileSFTPServer.Lie.silentInFile, .errorInFile])
    func `a file that silences the server or fails is deferred, and the rest arrives`(
        lie: HostileSFTPServer.Lie
    ) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let inbox = try inbox(hostile, patience: .seconds(2))
        let entries = try await inbox.list([path("in")])[path("in")] ?? []
        let fetched = await Fetched.from(inbox, entries)
        #expect(fetched.result("small.csv") == .success(HostileSFTPServer.small))
        #expect(fetched.result("empty.csv") == .success([]))
        switch fetched.result("big.csv") {
        case .failure(.timedOut), .failure(.other): break
        default: throw SystemError(message: "\(fetched.result("big.csv") as Any)")
        }
        #expect(fetched.failure == nil)
    }

    @Test func `a file that is longer than listed is deferred`() async throws {
        let hostile = try await HostileSFTPServer.start(.endlessFile)
        let inbox = try inbox(hostile)
        let entries = try await inbox.list([path("in")])[path("in")] ?? []
        #expect(await Fetched.from(inbox, entries).result("small.csv") == .failure(.changed))
    }

    @Test func `a server that breaks the rules is named so`() async throws {
        let hostile = try await HostileSFTPServer.start(.nameCount)
        let inbox = try inbox(hostile)
        guard
            case .protocolError = await failure({ () throws(InboxFailure) in
                _ = try await inbox.list([path("in")])
            })
        else { throw SystemError(message: "nonsense is believed") }
    }

    @Test(arguments: [HostileSFTPServer.Lie.refusesRename, .renamesSilently])
    func `a move that is refused, or whose answer never comes, is not called done`(
        lie: HostileSFTPServer.Lie
    ) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let inbox = try inbox(hostile, patience: .seconds(1))
        let entries = try await inbox.list([path("in")])[path("in")] ?? []
        let entry = try #require(entries.first { $0.name == "small.csv" })
        switch await failure({ () throws(InboxFailure) in
            try await inbox.move(entry, to: path("in/moved.csv"))
        }) {
        case .other where lie == .refusesRename, .uncertain where lie == .renamesSilently: break
        case let other: throw SystemError(message: "\(other as Any)")
        }
    }

    @Test func `a mute server is given up on, and a cancelled call returns at once`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.makeFolder("inbox/in")
        let inbox = try server.inbox()
        #expect(try await inbox.list([path("in")])[path("in")] == [])
        server.pauseSessions()
        let began = ContinuousClock.now
        let look = Task {
            await failure { () throws(InboxFailure) in _ = try await inbox.list([path("in")]) }
        }
        look.cancel()
        #expect(await look.value == .cancelled)
        #expect(ContinuousClock.now - began < .seconds(30))
        server.resumeSessions()
        #expect(try await inbox.list([path("in")])[path("in")] == [])
    }
}
