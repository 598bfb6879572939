import SFTP
import TestSupport
import Testing

/// What a server may do to us: nothing but waste its own time.
@Suite(.timeLimit(.minutes(5)))
struct HostileServerTests {
    private func connect(_ hostile: HostileSFTPServer, patience: Duration = .seconds(60)) async throws
        -> SFTPSession
    {
        try await hostile.server.connect {
            $0.stepTimeout = patience
            $0.connectTimeout = patience
        }
    }

    private let small = Array("/in/small.csv".utf8)
    private let big = Array("/in/big.csv".utf8)

    @Test(arguments: [HostileSFTPServer.Lie.none, .reverse, .noise, .emptyNames, .noAttributes])
    func `replies in any order, noise and silence about sizes do not matter`(lie: HostileSFTPServer.Lie)
        async throws
    {
        let hostile = try await HostileSFTPServer.start(lie)
        let session = try await connect(hostile)
        let listed = try await session.list([Array("/in".utf8)])[0].get()
        #expect(Set(listed.map(\.name)) == Set(["small.csv", "big.csv", "empty.csv"].map { Array($0.utf8) }))
        for (path, bytes) in [
            (small, HostileSFTPServer.small), (big, HostileSFTPServer.big), (Array("/in/empty.csv".utf8), []),
        ] {
            let sink = MemorySink()
            try await session.download(path, expecting: try await session.look(at: path), into: sink)
            #expect(sink.bytes == bytes)
            #expect(sink.given == bytes.count)
        }
    }

    @Test func `one byte a READ arrives whole`() async throws {
        let hostile = try await HostileSFTPServer.start(.oneByteReads)
        let session = try await connect(hostile)
        let sink = MemorySink()
        try await session.download(small, expecting: try await session.look(at: small), into: sink)
        #expect(sink.bytes == HostileSFTPServer.small)
    }

    @Test(arguments: [
        (HostileSFTPServer.Lie.endsEarly, "/in/big.csv"), (.lateHead, "/in/big.csv"),
        (.endlessFile, "/in/small.csv"),
        (.grows, "/in/big.csv"),
    ]) func `a file that is not as long as it was said to be is never a success`(
        lie: HostileSFTPServer.Lie,
        path: String
    ) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let session = try await connect(hostile)
        let path = Array(path.utf8)
        let seen = try await session.look(at: path)
        let sink = MemorySink()
        #expect(await failure { try await session.download(path, expecting: seen, into: sink) } == .changed)
        #expect(UInt64(sink.given) <= (seen.size ?? 0) + 1)
        #expect(try await session.look(at: Array("/in/empty.csv".utf8)).kind == .regular)
    }

    @Test(arguments: [
        HostileSFTPServer.Lie.wrongID, .answersTwice, .emptyData, .longData, .handleForRead, .namesForClose,
        .hugePacket,
        .longString,
    ]) func `a reply that does not fit ends the session`(lie: HostileSFTPServer.Lie) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let session = try await connect(hostile)
        let failed = await failure {
            try await session.download(
                small,
                expecting: try await session.look(at: small),
                into: MemorySink()
            )
            // What comes after the file's end shows in the next call.
            _ = try await session.list([Array("/in".utf8)])
            _ = try await session.look(at: small)
        }
        guard case .protocolError = failed else { throw SystemError(message: "\(lie): \(failed as Any)") }
        #expect(await session.isOver)
    }

    @Test(arguments: [HostileSFTPServer.Lie.nameCount, .extendedCount, .endlessFolder])
    func `a listing that lies ends within its bounds`(lie: HostileSFTPServer.Lie) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let session = try await connect(hostile)
        var failed: SFTPFailure?
        do {
            if case .failure(let reason) = try await session.list([Array("/in".utf8)], names: 20_000)[0] {
                failed = reason
            }
        } catch {
            failed = error
        }
        if lie == .endlessFolder {
            #expect(failed == .tooManyEntries)
        } else {
            guard case .protocolError = failed else { throw SystemError(message: "\(failed as Any)") }
        }
    }

    @Test(arguments: [HostileSFTPServer.Lie.silentAtOpen, .silentInFile, .silentInFolder])
    func `silence ends in a deadline`(lie: HostileSFTPServer.Lie) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let session = try await hostile.server.connect { $0.stepTimeout = .seconds(1) }
        let failed = await failure {
            if lie == .silentInFolder {
                _ = try await session.list([Array("/in".utf8)])[0].get()
            } else {
                try await session.download(big, into: MemorySink())
            }
        }
        guard case .timedOut = failed else { throw SystemError(message: "\(failed as Any)") }
    }

    @Test(arguments: [HostileSFTPServer.Lie.silentAtStart, .versionTwo])
    func `a subsystem that does not begin is no session`(lie: HostileSFTPServer.Lie) async throws {
        let hostile = try await HostileSFTPServer.start(lie)
        let failed = await failure {
            try await connect(hostile, patience: .seconds(lie == .versionTwo ? 60 : 2))
        }
        switch (lie, failed) {
        case (.silentAtStart, .unreachable), (.versionTwo, .protocolError): break
        default: throw SystemError(message: "\(lie): \(failed as Any)")
        }
    }

    @Test func `an error in the middle of a file ends that file only`() async throws {
        let hostile = try await HostileSFTPServer.start(.errorInFile)
        let session = try await connect(hostile)
        let failed = await failure { try await session.download(big, into: MemorySink()) }
        guard case .refused(4, let words) = failed else { throw SystemError(message: "\(failed as Any)") }
        #expect(!words.contains("\u{1B}"))
        #expect(try await session.look(at: small).size == 17)
    }

    @Test func `an end in the middle of a packet is a lost connection`() async throws {
        let hostile = try await HostileSFTPServer.start(.endsInPacket)
        let session = try await connect(hostile)
        guard case .connectionLost = await failure({ try await session.download(small, into: MemorySink()) })
        else {
            throw SystemError(message: "half a packet is taken")
        }
    }
}
