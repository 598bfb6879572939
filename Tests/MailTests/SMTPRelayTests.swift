import Testing

@testable import Mail

struct SMTPRelayTests {
    @Test(arguments: [
        ("smtp://relay.example:587", false, SMTPRelay.Encryption.startTLS),
        ("smtp://relay.example", false, .startTLS),
        ("smtp://relay.example:25/our.name.example", true, .startTLS),
        ("smtps://relay.example", true, .implicit),
        ("SMTPS://127.0.0.1:465", false, .implicit),
        ("smtp://127.0.0.1:25", false, .none),
        ("smtp://localhost:25", false, .none),
        ("smtp://[::1]:25", false, .none),
        ("smtp://localhost:25", true, .startTLS),
        ("smtp://127.0.0.1.evil.example", false, .startTLS),
        ("smtp://localhost.evil.example", false, .startTLS),
        ("smtp://127.evil.0.1", false, .startTLS),
    ])
    func `encryption is demanded except on this host without a login`(
        url: String,
        hasLogin: Bool,
        expected: SMTPRelay.Encryption
    ) {
        let relay = SMTPRelay(url: url, credentials: hasLogin ? .init(user: "u", password: "p") : nil)
        #expect(relay?.encryption == expected)
    }

    @Test(arguments: [
        "", "relay.example:587", "http://relay.example", "smtp://", "smtp://user:secret@relay.example",
        "smtp://user@relay.example", "smtp://relay.example:0", "smtp://relay.example:65536",
        "smtp://relay.example/a b", "smtp://relay.example/a%0D%0AQUIT", "smtp://relay.example?x=1",
        "smtp://relay.example\r\n", "smtp://relay.example#x", "file:///etc/passwd",
    ])
    func `anything but a plain address of a relay is refused`(url: String) {
        #expect(SMTPRelay(url: url) == nil)
    }
}
