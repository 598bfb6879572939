import SFTP
import TestSupport
import Testing

/// Whether a server is the one we mean, before anything of ours is sent.
@Suite(.timeLimit(.minutes(5)))
struct HostKeyTests {
    /// A server whose log names every attempt to log in.
    private func server(_ types: [String] = ["ed25519"], log: String = "DEBUG1") async throws -> OpenSSHServer
    {
        var options = OpenSSHServer.Options()
        options.hostKeyTypes = types
        options.logLevel = log
        return try await OpenSSHServer.start(options)
    }

    private let strange = "SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

    @Test func `the log of the test server shows an attempt to log in`() async throws {
        let server = try await server()
        try await server.connect().close()
        #expect(server.log.contains("userauth-request"))
    }

    @Test func `strict key exchange and an AES-GCM cipher are agreed on`() async throws {
        let server = try await server(log: "DEBUG3")
        let session = try await server.connect()
        let terms = try #require(await session.terms)
        #expect(terms.keyExchange.hasPrefix("curve25519-sha256"))
        #expect(terms.cipher == (try AlgorithmPolicy().ciphers[0]))
        #expect(terms.hostKey.description == server.hostKeyPin)
        #expect(terms.extensions == ["fsync@openssh.com", "limits@openssh.com"])
        #expect(server.log.contains("strict KEX"))
    }

    @Test func `a server with another key than the pinned one is refused before a credential is sent`()
        async throws
    {
        let server = try await server()
        let pin = try #require(HostKeyPin("ssh-ed25519 \(strange)"))
        let refused = await failure { try await server.connect { $0.hostKeys = HostKeyPolicy(pins: [pin]) } }
        guard case .hostKeyMismatch(let offered, _) = refused else {
            throw SystemError(message: "\(refused as Any)")
        }
        #expect(offered?.description == server.hostKeyPin)
        #expect(!server.log.contains("userauth-request"))
    }

    @Test func `a server without a key of the pinned type is refused`() async throws {
        let server = try await server()
        let pin = try #require(HostKeyPin("ssh-rsa \(strange)"))
        let refused = await failure { try await server.connect { $0.hostKeys = HostKeyPolicy(pins: [pin]) } }
        guard case .hostKeyMismatch = refused else { throw SystemError(message: "\(refused as Any)") }
        #expect(!server.log.contains("userauth-request"))
    }

    @Test func `a server of which nothing is known is refused`() async throws {
        let server = try await server()
        for policy in [HostKeyPolicy(), HostKeyPolicy(knownHosts: try server.folder.write("", to: "none"))] {
            let refused = await failure { try await server.connect { $0.hostKeys = policy } }
            guard case .hostKeyUnknown(let offered, _) = refused else {
                throw SystemError(message: "\(refused as Any)")
            }
            #expect(offered.description == server.hostKeyPin)
        }
        #expect(!server.log.contains("userauth-request"))
    }

    @Test func `one right pin among several is enough, and its type is asked for`() async throws {
        let server = try await server(["rsa", "ed25519"])
        let keys = try await scanHostKeys(host: server.host, port: server.port)
        #expect(keys.map(\.pin.type) == ["ssh-ed25519", "ssh-rsa"])
        let wrong = try #require(HostKeyPin("ssh-ed25519 \(strange)"))
        for key in keys {
            let bare = try #require(HostKeyPin(key.pin.fingerprint))
            // With its type, and without: then each type is asked for in turn.
            for pins in [[key.pin], [bare]] {
                let session = try await server.connect { $0.hostKeys = HostKeyPolicy(pins: pins) }
                #expect(await session.terms?.hostKey == key.pin)
                await session.close()
            }
        }
        let prepared = HostKeyPolicy(pins: [wrong, keys[0].pin])
        try await server.connect { $0.hostKeys = prepared }.close()
    }

    @Test func `a scan finds every key, as ssh-keygen prints it, and sends no credential`() async throws {
        let server = try await server(["ed25519", "rsa", "ecdsa"])
        let keys = try await scanHostKeys(host: server.host, port: server.port)
        #expect(keys.map(\.pin.type) == ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
        #expect(keys[0].pin.description == server.hostKeyPin)
        #expect(keys[0].knownHostsLine + "\n" == (try server.folder.text("known_hosts")))
        #expect(!server.log.contains("userauth-request"))
    }

    @Test func `a known_hosts file is read as OpenSSH does, plain and hashed`() async throws {
        let server = try await server()
        let plain = try server.folder.text("known_hosts")
        let others =
            "# others\n\nother.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n"
        let file = try server.folder.write(others + plain, to: "hosts")
        try await server.connect { $0.hostKeys = HostKeyPolicy(knownHosts: file) }.close()
        try await runTool(["/usr/bin/ssh-keygen", "-q", "-H", "-f", file])
        #expect(try server.folder.text("hosts").contains("|1|"))
        try await server.connect { $0.hostKeys = HostKeyPolicy(knownHosts: file) }.close()
    }

    @Test func `a revoked key is refused, whatever else vouches for it`() async throws {
        let server = try await server()
        let plain = try server.folder.text("known_hosts")
        let key = plain.split(separator: " ").dropFirst().joined(separator: " ")
        let pin = try #require(HostKeyPin(server.hostKeyPin))
        for line in ["@revoked * \(key)", "@revoked\tother.example  \(key)"] {
            let file = try server.folder.write(plain + line, to: "hosts")
            let refused = await failure {
                try await server.connect { $0.hostKeys = HostKeyPolicy(pins: [pin], knownHosts: file) }
            }
            guard case .hostKeyMismatch(_, let words) = refused else {
                throw SystemError(message: "\(refused as Any)")
            }
            #expect(words.contains("revoked in line 2"))
        }
        #expect(!server.log.contains("userauth-request"))
    }

    @Test func `a known_hosts file with another key, or one that cannot be understood, refuses`() async throws
    {
        let server = try await server()
        let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
        let host = "[\(server.host)]:\(server.port)"
        let good = try server.folder.text("known_hosts")
        func refusal(_ text: String) async throws -> SFTPFailure? {
            let file = try server.folder.write(text, to: "hosts")
            return await failure {
                try await server.connect { $0.hostKeys = HostKeyPolicy(knownHosts: file) }
            }
        }
        guard case .hostKeyMismatch = try await refusal("\(host) \(other)\n") else {
            throw SystemError(message: "a changed key is accepted")
        }
        for (text, words) in [
            (good + "\(host) ssh-ed25519 AAAA!\n", "line 2 is malformed"),
            (good + "@cert-authority * \(other)\n", "line 2: @cert-authority is not supported"),
            (good + "@revoked * nonsense\n", "line 2 is malformed"),
        ] {
            guard case .badSettings(let said) = try await refusal(text) else {
                throw SystemError(message: "accepted: \(text)")
            }
            #expect(said.contains(words))
        }
        // Port 22 is another server.
        guard case .hostKeyUnknown = try await refusal("\(server.host) \(other)\n") else {
            throw SystemError(message: "a line about port 22 counts")
        }
        guard
            case .badSettings = await failure({
                try await server.connect { $0.hostKeys = HostKeyPolicy(knownHosts: "/nonexistent") }
            })
        else { throw SystemError(message: "a missing file counts") }
        #expect(!server.log.contains("userauth-request"))
    }

    @Test func `a policy that can accept nobody is found out without a connection`() async throws {
        let server = try await server()
        let pin = try #require(HostKeyPin(strange))
        try HostKeyPolicy(pins: [pin]).check(host: server.host, port: server.port)
        try HostKeyPolicy(knownHosts: server.knownHosts).check(host: server.host, port: server.port)
        for bad in [HostKeyPolicy(), HostKeyPolicy(pins: [pin], knownHosts: "/nonexistent")] {
            #expect(throws: SFTPFailure.self) { try bad.check(host: server.host, port: server.port) }
        }
        #expect(throws: SFTPFailure.self) {
            try HostKeyPolicy(knownHosts: server.knownHosts).check(host: "other.example", port: 22)
        }
    }

    @Test func `a server with weak algorithms only is refused, until one is named`() async throws {
        var options = OpenSSHServer.Options()
        options.logLevel = "DEBUG1"
        options.configuration = [
            "KexAlgorithms diffie-hellman-group14-sha256", "MACs hmac-sha2-256", "Ciphers aes128-ctr",
        ]
        let server = try await OpenSSHServer.start(options)
        let refused = await failure { try await server.connect() }
        guard case .protocolError(let words) = refused else {
            throw SystemError(message: "\(refused as Any)")
        }
        #expect(words.contains("diffie-hellman-group14-sha256"))
        #expect(!server.log.contains("userauth-request"))
        let session = try await server.connect {
            $0.extraAlgorithms = ["diffie-hellman-group14-sha256", "hmac-sha2-256"]
        }
        #expect(await session.terms?.cipher == "aes128-ctr")
    }
}
