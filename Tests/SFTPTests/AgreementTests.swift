import Testing

@testable import SFTP

/// What we agree to: algorithms, pins.
struct AgreementTests {
    @Test func `nothing weak is offered`() throws {
        let policy = try AlgorithmPolicy(hasAES: true)
        #expect(
            policy.ciphers == [
                "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
                "aes256-ctr",
                "aes192-ctr", "aes128-ctr",
            ]
        )
        #expect(policy.hostKeys == ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"])
        #expect(policy.macs == ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"])
        #expect(!policy.keyExchanges.contains { $0.hasSuffix("sha1") })
        #expect(try AlgorithmPolicy(hasAES: false).ciphers.first == "chacha20-poly1305@openssh.com")
    }

    @Test func `an addition stands last, and only in its place`() throws {
        let policy = try AlgorithmPolicy(adding: [
            "diffie-hellman-group14-sha256", "hmac-sha2-256", "ssh-rsa",
        ])
        #expect(policy.keyExchanges.last == "diffie-hellman-group14-sha256")
        #expect(policy.macs.last == "hmac-sha2-256")
        #expect(policy.hostKeys.last == "ssh-rsa")
        #expect(!policy.userKeys(for: .agent).contains("ssh-rsa"))
        #expect(policy.userKeys(for: .key([], passphrase: nil)).contains("ecdsa-sha2-nistp256"))
    }

    @Test(arguments: [
        "none", "aes128-cbc", "3des-cbc", "arcfour", "hmac-md5", "ssh-dss", "diffie-hellman-group1-sha1",
        "x\ny",
    ])
    func `what is never accepted cannot be added`(name: String) {
        #expect(throws: SFTPFailure.self) { try AlgorithmPolicy(adding: [name]) }
    }

    @Test func `no secret is printed`() {
        for credential in [
            SFTPEndpoint.Credential.password("canary"), .key(Array("canary".utf8), passphrase: "canary"),
            .keyFile(path: "/key", passphrase: "canary"),
        ] {
            let endpoint = SFTPEndpoint(
                host: "h",
                user: "u",
                credential: credential,
                hostKeys: HostKeyPolicy()
            )
            for text in [
                "\(endpoint)", String(reflecting: endpoint), "\(credential)", String(reflecting: credential),
            ] {
                #expect(!text.contains("canary"))
                #expect(!text.contains("99, 97, 110"))
            }
        }
    }

    @Test func `a pin is a fingerprint with or without a type`() throws {
        let digest = "SHA256:" + String(repeating: "a", count: 43)
        let typed = try #require(HostKeyPin("ssh-ed25519 \(digest)"))
        let bare = try #require(HostKeyPin(digest))
        #expect(typed.description == "ssh-ed25519 \(digest)")
        #expect(bare.accepts(typed) && typed.accepts(typed))
        #expect(!typed.accepts(HostKeyPin(type: "ssh-rsa", fingerprint: digest)))
        #expect(HostKeyPin("rsa-sha2-512 \(digest)")?.type == "ssh-rsa")
    }

    @Test(arguments: [
        "", "ssh-ed25519", "SHA256:short", "MD5:aa:bb",
        "ssh-dss SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "a b SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*",
    ]) func `what is no pin is refused`(text: String) {
        #expect(HostKeyPin(text) == nil)
    }
}
