import Glibc
import SFTP
import TestSupport
import Testing

/// Who we say we are.
@Suite(.timeLimit(.minutes(5)))
struct LogInTests {
    @Test(arguments: [["ed25519"], ["rsa", "-b", "2048"], ["ecdsa"], ["rsa", "-b", "2048", "-m", "PEM"]])
    func `keys of every usual type log in, encrypted ones with their passphrase`(type: [String]) async throws
    {
        let server = try await OpenSSHServer.start()
        for passphrase in ["", "very secret"] {
            let path = server.folder.path("key\(passphrase.isEmpty ? "" : "2")")
            try await runTool(
                ["/usr/bin/ssh-keygen", "-q", "-a", "1", "-N", passphrase, "-C", "", "-f", path, "-t"] + type
            )
            try server.folder.write(try TemporaryFolder.read("\(path).pub"), to: "authorized_keys")
            let bytes = try TemporaryFolder.read(path)
            let right = passphrase.isEmpty ? nil : passphrase
            for credential in [
                SFTPEndpoint.Credential.key(bytes, passphrase: right),
                .keyFile(path: path, passphrase: right),
            ] {
                try await server.connect { $0.credential = credential }.close()
            }
            guard !passphrase.isEmpty else { continue }
            for wrong in [nil, "wrong"] {
                let refused = await failure {
                    try await server.connect { $0.credential = .key(bytes, passphrase: wrong) }
                }
                guard case .badSettings(let words) = refused else {
                    throw SystemError(message: "\(refused as Any)")
                }
                #expect(words.contains("passphrase"))
                #expect(!words.contains("secret"))
            }
        }
    }

    @Test func `a key that the server does not know is refused, and what is no key is not tried`()
        async throws
    {
        let server = try await OpenSSHServer.start()
        try await runTool([
            "/usr/bin/ssh-keygen", "-q", "-N", "", "-f", server.folder.path("other"), "-t", "ed25519",
        ])
        let path = server.folder.path("other")
        let refused = await failure {
            try await server.connect { $0.credential = .keyFile(path: path, passphrase: nil) }
        }
        guard case .authRefused = refused else { throw SystemError(message: "\(refused as Any)") }
        for credential in [
            SFTPEndpoint.Credential.keyFile(path: "/nonexistent", passphrase: nil), .key([], passphrase: nil),
            .key(Array("hello".utf8), passphrase: nil), .key([0, 1, 0xFF], passphrase: "x"),
        ] {
            guard
                case .badSettings = await failure({ try await server.connect { $0.credential = credential } })
            else {
                throw SystemError(message: "used: \(credential)")
            }
        }
        chmod(path, 0o640)
        guard
            case .badSettings(let words) = await failure({
                try await server.connect { $0.credential = .keyFile(path: path, passphrase: nil) }
            })
        else { throw SystemError(message: "a key that others can read is used") }
        #expect(words.contains("chmod 600"))
    }

    @Test func `another kind of server takes the password, its wrong one not, and gives whole files`()
        async throws
    {
        let server = try await AsyncSSHServer.start()
        let pin = try #require(HostKeyPin(server.hostKeyPin))
        var endpoint = SFTPEndpoint(
            host: server.host,
            port: server.port,
            user: server.user,
            credential: .password(server.password),
            hostKeys: HostKeyPolicy(pins: [pin])
        )
        let bytes = pattern(1_500_000)
        let file = try FileSink("\(server.root)/file")
        try file.write(bytes.span.bytes, at: 0)
        let session = try await SFTPSession.connect(endpoint)
        // Its reads are short: 20,000 bytes at a time.
        for expected in [try await session.look(at: Array("/file".utf8)), FileAttributes()] {
            let sink = MemorySink()
            try await session.download(Array("/file".utf8), expecting: expected, into: sink)
            #expect(sink.bytes == bytes)
        }
        try await session.upload(
            MemorySource(bytes: bytes),
            to: Array("/up".utf8),
            through: Array("/.up.part".utf8)
        )
        #expect(try TemporaryFolder.read("\(server.root)/up") == bytes)
        let taken = await failure { try await session.rename(Array("/up".utf8), to: Array("/file".utf8)) }
        #expect(taken == .alreadyExists || taken?.isVague == true)
        let names = try await session.list([Array("/".utf8)])[0].get().map(\.name)
        #expect(names.contains(Array("up".utf8)) && names.contains(Array("file".utf8)))
        await session.close()

        endpoint.credential = .keyFile(path: server.clientKey, passphrase: nil)
        try await SFTPSession.connect(endpoint).close()
        endpoint.credential = .password("wrong")
        let wrong = endpoint
        guard case .authRefused(let words) = await failure({ try await SFTPSession.connect(wrong) }) else {
            throw SystemError(message: "a wrong password logs in")
        }
        #expect(!words.contains("wrong"))
    }

    @Test func `a server that asks questions gets no answer`() async throws {
        let server = try await AsyncSSHServer.start(asks: true)
        let pin = try #require(HostKeyPin(server.hostKeyPin))
        let endpoint = SFTPEndpoint(
            host: server.host,
            port: server.port,
            user: server.user,
            credential: .password(server.password),
            hostKeys: HostKeyPolicy(pins: [pin])
        )
        guard case .authRefused = await failure({ try await SFTPSession.connect(endpoint) }) else {
            throw SystemError(message: "questions are answered")
        }
        #expect(server.answers == "")
    }

    @Test func `nobody at the port, an unknown name and a mute listener are all unreachable`() async throws {
        let server = try await OpenSSHServer.start()
        let free = try freePort()
        guard case .unreachable = await failure({ try await server.connect { $0.port = free } }) else {
            throw SystemError(message: "a port without a server answers")
        }
        guard
            case .unreachable = await failure({
                try await server.connect { $0.host = "no.such.host.invalid" }
            })
        else {
            throw SystemError(message: "an unknown name has an address")
        }
        server.pause()
        // If it were not this bound that ends it, nothing would before the test's own limit.
        guard
            case .unreachable = await failure({
                try await server.connect {
                    $0.connectTimeout = .milliseconds(700)
                    $0.stepTimeout = .seconds(3600)
                }
            })
        else { throw SystemError(message: "a mute server answers") }
        let task = Task { await failure { try await server.connect() } }
        task.cancel()
        #expect(await task.value == .cancelled)
        server.resume()
        try await server.connect().close()
    }
}
