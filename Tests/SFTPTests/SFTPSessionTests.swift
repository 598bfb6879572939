import Glibc
import SFTP
import TestSupport
import Testing

/// A session with a real OpenSSH server.
@Suite(.timeLimit(.minutes(5)))
struct SFTPSessionTests {
    @Test func `files of all lengths arrive byte for byte`() async throws {
        let server = try await OpenSSHServer.start()
        let session = try await server.connect()
        for length in [0, 1, 32_768, 261_119, 261_120, 261_121, 3_000_000] {
            let bytes = pattern(length)
            try server.folder.write(bytes, to: "inbox/file")
            let seen = try await session.look(at: server.path("file"))
            #expect(seen.size == UInt64(length))
            #expect(seen.kind == .regular)
            for expected in [seen, FileAttributes()] {
                let sink = MemorySink()
                try await session.download(server.path("file"), expecting: expected, into: sink)
                #expect(sink.bytes == bytes)
                #expect(sink.given == length)
            }
        }
        await session.close()
    }

    @Test func `a file of 64 MB arrives byte for byte while the server changes its keys`() async throws {
        var options = OpenSSHServer.Options()
        options.configuration = ["RekeyLimit 8M"]
        let server = try await OpenSSHServer.start(options)
        try await runTool([
            "/bin/dd", "if=/dev/urandom", "of=\(server.root)/big", "bs=1M", "count=64", "status=none",
        ])
        let session = try await server.connect()
        let sink = try FileSink(server.folder.path("copy"))
        let expected = try await session.look(at: server.path("big"))
        try await session.download(server.path("big"), expecting: expected, into: sink)
        try await runTool(["/usr/bin/cmp", "\(server.root)/big", server.folder.path("copy")])
    }

    @Test func `hundreds of small files are read at once`() async throws {
        let server = try await OpenSSHServer.start()
        for number in 0..<500 {
            try server.folder.write(pattern(number * 3, seed: number), to: "inbox/\(number)")
        }
        let session = try await server.connect()
        let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let sink = MemorySink()
                    try await session.download(server.path("\(number)"), into: sink)
                    return sink.bytes != pattern(number * 3, seed: number)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wrong == 0)
    }

    @Test func `a listing has every name as it is`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.makeFolder("inbox/a/sub")
        try server.folder.makeFolder("inbox/none")
        let names: [[UInt8]] =
            [
                "with space", "quote\"'", "new\nline", "*?[x]", "-rf", "back\\slash", "$(cmd)", "é",
            ].map { Array($0.utf8) } + [[0x62, 0xFF, 0xFE], [UInt8](repeating: 0x6E, count: 255)]
        for name in names { try server.folder.write(pattern(9), toBytes: Array("inbox/a/".utf8) + name) }
        symlink("/etc/passwd", "\(server.root)/a/link")
        mkfifo("\(server.root)/a/pipe", 0o600)
        let session = try await server.connect()
        let results = try await session.list([server.path("a"), server.path("none"), server.path("missing")])
        let listed = try results[0].get().filter { $0.name != [0x2E] && $0.name != [0x2E, 0x2E] }
        let files = listed.filter { $0.attributes.kind == .regular }
        #expect(Set(files.map(\.name)) == Set(names))
        #expect(files.allSatisfy { $0.attributes.size == 9 && $0.attributes.modified != nil })
        #expect(listed.first { $0.name == Array("sub".utf8) }?.attributes.kind == .directory)
        #expect(listed.first { $0.name == Array("link".utf8) }?.attributes.kind == .link)
        #expect(listed.first { $0.name == Array("pipe".utf8) }?.attributes.kind == .other)
        #expect(try results[1].get().count == 2)
        #expect(results[2] == .failure(.noSuchFile))
        for name in names {
            let sink = MemorySink()
            try await session.download(server.path("a/") + name, into: sink)
            #expect(sink.bytes == pattern(9))
        }
    }

    @Test func `a folder of 20,000 names is listed whole, or refused above the limit`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.makeFolder("inbox/many")
        for number in 0..<20_000 {
            // Links cost the file system less than files do.
            symlink("x", "\(server.root)/many/\(number)")
        }
        let session = try await server.connect()
        let listed = try await session.list([server.path("many")])[0].get()
        #expect(Set(listed.map(\.name)).count == 20_002)
        #expect(try await session.list([server.path("many")], names: 20_001)[0] == .failure(.tooManyEntries))
        #expect(try await session.list([server.path("many")], bytes: 1000)[0] == .failure(.tooManyEntries))
        #expect(try await session.look(at: server.path("many")).kind == .directory)
    }

    @Test func `a rename never overwrites, and what is refused says why`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write("a", to: "inbox/a")
        try server.folder.write("b", to: "inbox/b")
        let session = try await server.connect()
        let taken = await failure { try await session.rename(server.path("a"), to: server.path("b")) }
        #expect(taken?.isVague == true)
        #expect(try server.folder.text("inbox/b") == "b")
        try await session.rename(server.path("a"), to: server.path("c"))
        #expect(try server.folder.names(in: "inbox") == ["b", "c"])
        try await session.remove(server.path("b"))
        try await session.makeFolder(server.path("d"))
        #expect(try server.folder.names(in: "inbox") == ["c", "d"])
        #expect(await failure { try await session.remove(server.path("b")) } == .noSuchFile)
        #expect(await failure { try await session.look(at: server.path("b")) } == .noSuchFile)
        #expect(
            await failure { try await session.rename(server.path("b"), to: server.path("x")) } == .noSuchFile
        )
        #expect(
            await failure { try await session.download(server.path("b"), into: MemorySink()) } == .noSuchFile
        )
        #expect(await failure { try await session.download(server.path("d"), into: MemorySink()) } != nil)
    }

    @Test(arguments: [0, 5, 2_000_000]) func `an upload arrives whole under its name`(length: Int)
        async throws
    {
        let server = try await OpenSSHServer.start()
        let session = try await server.connect()
        // The rest of an attempt that was interrupted.
        try server.folder.write("half", to: "inbox/.up.part")
        let source = MemorySource(bytes: pattern(length))
        try await session.upload(source, to: server.path("up"), through: server.path(".up.part"))
        #expect(try server.folder.read("inbox/up") == pattern(length))
        #expect(try server.folder.names(in: "inbox") == ["up"])
        #expect(
            await failure {
                try await session.upload(source, to: server.path("up"), through: server.path(".up.part"))
            } != nil
        )
        #expect(
            await failure {
                try await session.upload(
                    source,
                    to: server.path("no/up"),
                    through: server.path("no/.up.part")
                )
            } == .noSuchFile
        )
        // The temporary file is removed without waiting: a later request shows that it has been.
        _ = try await session.look(at: server.path("up"))
        #expect(try server.folder.names(in: "inbox") == ["up"])
    }

    @Test func `a file that is not the one expected is not a success`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(100_000), to: "inbox/file")
        let session = try await server.connect()
        let seen = try await session.look(at: server.path("file"))
        var other = seen
        for size: UInt64 in [0, 99_999, 100_001, 1_000_000] {
            other.size = size
            let expected = other
            #expect(
                await failure {
                    try await session.download(server.path("file"), expecting: expected, into: MemorySink())
                } == .changed
            )
        }
        other = seen
        other.modified = (seen.modified ?? 0) + 1
        let later = other
        #expect(
            await failure {
                try await session.download(server.path("file"), expecting: later, into: MemorySink())
            } == .changed
        )
    }

    @Test func `a sink that is full ends its own download only`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(3_000_000), to: "inbox/file")
        let session = try await server.connect()
        let refused = await failure {
            try await session.download(server.path("file"), into: MemorySink(limit: 500_000))
        }
        guard case .localFailure = refused else { throw SystemError(message: "\(refused as Any)") }
        let sink = MemorySink()
        try await session.download(server.path("file"), into: sink)
        #expect(sink.bytes == pattern(3_000_000))
    }

    @Test func `a cancelled call ends at once, also when the server is mute, and the session lives on`()
        async throws
    {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(3_000_000), to: "inbox/file")
        let session = try await server.connect()
        server.pauseSessions()
        let download = Task {
            await failure { try await session.download(server.path("file"), into: MemorySink()) }
        }
        let listing = Task { await failure { try await session.list([server.path("")]) } }
        let look = Task { await failure { try await session.look(at: server.path("file")) } }
        // All three are under way when the answer of a fourth is given up.
        let asked = ContinuousClock.now
        for task in [download, listing, look] { task.cancel() }
        #expect(await download.value == .cancelled)
        #expect(await listing.value == .cancelled)
        #expect(await look.value == .cancelled)
        #expect(ContinuousClock.now - asked < .seconds(30))
        server.resumeSessions()
        let sink = MemorySink()
        try await session.download(server.path("file"), into: sink)
        #expect(sink.bytes == pattern(3_000_000))
    }

    @Test func `silence ends the session and everything under way, once`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(1_000_000), to: "inbox/file")
        let session = try await server.connect { $0.stepTimeout = .seconds(1) }
        server.pauseSessions()
        let failures = await withTaskGroup(of: SFTPFailure?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await failure { try await session.download(server.path("file"), into: MemorySink()) }
                }
                group.addTask { await failure { try await session.look(at: server.path("file")) } }
            }
            return await group.reduce(into: [SFTPFailure?]()) { $0.append($1) }
        }
        #expect(failures.count == 40)
        for failure in failures {
            guard case .timedOut = failure else { throw SystemError(message: "\(failure as Any)") }
        }
        guard case .timedOut = await failure({ try await session.remove(server.path("file")) }) else {
            throw SystemError(message: "a dead session answers")
        }
        server.resumeSessions()
    }

    @Test func `a killed server fails everything under way, and closing does so too`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(1000), to: "inbox/file")
        let session = try await server.connect()
        server.killSessions()
        guard case .connectionLost = await failure({ try await session.look(at: server.path("file")) }) else {
            throw SystemError(message: "a lost connection answers")
        }
        let second = try await server.connect()
        server.pauseSessions()
        let waiting = Task { await failure { try await second.look(at: server.path("file")) } }
        await second.close()
        #expect(await waiting.value == .closed)
        await second.close()
        #expect(await failure { try await second.look(at: server.path("file")) } == .closed)
    }

    @Test(arguments: [100, 3000, 20_000, 400_000])
    func `a connection cut anywhere is a failure, never a part`(
        after: Int
    ) async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(2_000_000), to: "inbox/file")
        let proxy = try await TCPProxy.start(to: server.port, cutAfter: after)
        let failed = await failure {
            let session = try await server.connect { $0.port = proxy.port }
            try await session.download(server.path("file"), into: MemorySink())
        }
        switch failed {
        case .unreachable, .connectionLost: break
        default: throw SystemError(message: "cut after \(after): \(failed as Any)")
        }
    }

    @Test func `a connection cut while the session opens is a lost one, and no fault of the server's`()
        async throws
    {
        let server = try await OpenSSHServer.start()
        let proxy = try await TCPProxy.start(to: server.port)
        var lost = 0
        for after in stride(from: 0, through: 3600, by: 120) {
            try proxy.expect(.cut(after: after, from: .server))
            switch await failure({ try await server.connect { $0.port = proxy.port } }) {
            case .unreachable, .connectionLost: lost += 1
            case nil: break
            case let other: throw SystemError(message: "cut after \(after): \(other as Any)")
            }
        }
        #expect(lost > 15)
    }

    @Test func `a server of a byte at a time holds a request only so long`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(400_000), to: "inbox/file")
        let proxy = try await TCPProxy.start(to: server.port)
        try proxy.expect(.trickle(after: 20_000, from: .server, pause: .milliseconds(20)))
        let session = try await server.connect {
            $0.port = proxy.port
            $0.hardTimeout = .seconds(3)
        }
        let failed = await failure { try await session.download(server.path("file"), into: MemorySink()) }
        guard case .timedOut = failed else { throw SystemError(message: "\(failed as Any)") }
        #expect(proxy.faults == 1)
    }

    @Test func `an idle session notices that its server is gone`() async throws {
        let server = try await OpenSSHServer.start()
        let session = try await server.connect {
            $0.keepAlive = .milliseconds(100)
            $0.stepTimeout = .milliseconds(500)
        }
        server.pauseSessions()
        let end = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < end, await !session.isOver {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await session.isOver)
        server.resumeSessions()
    }

    @Test func `sessions that are closed, and those that are dropped, all end`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write(pattern(1000), to: "inbox/file")
        for number in 0..<30 {
            let session = try await server.connect()
            try await session.download(server.path("file"), into: MemorySink())
            // Half of them are dropped without a word.
            if number.isMultiple(of: 2) { await session.close() }
        }
        // The server sees every one of them go.
        try await poll("the end of all sessions") { server.sessions == 0 ? true : nil }
    }
}

/// Writes a download to a file.
final class FileSink: DownloadSink {
    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: RawSpan, at offset: UInt64) throws {
        let wrote = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        guard wrote == bytes.byteCount else { throw SystemError("pwrite") }
    }
}
