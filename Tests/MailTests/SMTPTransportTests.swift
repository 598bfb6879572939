import Foundation
import Mail
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SMTPTransportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["PLAIN", "LOGIN"])
    func `mail leaves after STARTTLS and login, and the transcript keeps the secrets`(mechanism: String)
        async throws
    {
        let server = try await SMTPServer(.startTLS(login: mechanism), folder: folder.url)
        let delivery = try await transport(server, login: true).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .delivered)
        #expect(delivery.reply == "250 2.0.0 accepted")

        let mail = try #require(try server.mails().first)
        #expect(mail.from == "ledgerdrop@acme.example")
        #expect(mail.to == ["ops@acme.example"])
        #expect(mail.encrypted)
        #expect(try mail.content == MailMessage.digest().rendered())
        #expect(try server.logins().map(\.mechanism) == [mechanism])

        let transcript = delivery.transcript.joined(separator: "\n")
        #expect(transcript.contains("> AUTH \(mechanism)\n"))
        #expect(transcript.contains("> ***"))
        #expect(transcript.contains("< 250 2.0.0 accepted"))
        #expect(!transcript.contains("One."))
        let (user, password) = (SMTPServer.user, SMTPServer.password)
        for secret in [password, user, "\0\(user)\0\(password)"] {
            #expect(!transcript.contains(Data(secret.utf8).base64EncodedString()))
        }
        #expect(!transcript.contains(password))
    }

    @Test func `mail leaves through implicit TLS`() async throws {
        let server = try await SMTPServer(.implicitTLS, folder: folder.url)
        let delivery = try await transport(server, login: true).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .delivered)
        #expect(try server.mails().map(\.encrypted) == [true])
    }

    @Test func `what a server says decides what happens next`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        let expected: [(String, Delivery.Outcome, Delivery.Reason, String)] = [
            ("nobody", .permanent, .recipientRefused, "550 5.1.1 No such user"),
            ("grey", .temporary, .deferred, "451 4.7.1 Try later"),
            ("full", .temporary, .deferred, "452 4.2.2 Mailbox full"),
            ("busy", .temporary, .deferred, "421 4.3.2 Service shutting down"),
            ("spam", .permanent, .mailRefused, "554 5.7.1 Looks like spam"),
            ("later", .temporary, .deferred, "451 4.3.0 Try again later"),
        ]
        for (name, outcome, reason, reply) in expected {
            let delivery = try await transport(server).deliver(.digest(), to: .valid("\(name)@acme.example"))
            #expect(delivery.outcome == outcome, "\(name)")
            #expect(delivery.reason == reason, "\(name)")
            #expect(delivery.reply == reply, "\(name)")
            #expect(!delivery.concernsEveryMail, "\(name)")
        }
        #expect(try server.mails().isEmpty)
    }

    @Test func `one refused recipient does not keep the mail from another`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        var outcomes: [Delivery.Outcome] = []
        for name in ["nobody", "ops"] {
            outcomes.append(
                try await transport(server).deliver(.digest(), to: .valid("\(name)@x.example")).outcome
            )
        }
        #expect(outcomes == [.permanent, .delivered])
        #expect(try server.mails().map(\.to) == [["ops@x.example"]])
    }

    @Test func `a refused sender is a matter of configuration`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        var message = try MailMessage.digest()
        message.from = try .valid("banned@acme.example")
        let delivery = try await transport(server).deliver(message, to: .valid("ops@acme.example"))
        #expect(delivery.outcome == .configuration)
        #expect(delivery.reason == .senderRefused)
    }

    @Test func `a connection cut after the text is temporary, and the repeat is recognisable`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        let sender = transport(server)
        let first = try await sender.deliver(.digest(), to: .valid("cutonce@acme.example"))
        let second = try await sender.deliver(.digest(), to: .valid("cutonce@acme.example"))
        #expect(first.outcome == .temporary)
        #expect(first.reason == .connectionLost)
        #expect(second.outcome == .delivered)
        let mails = try server.mails()
        #expect(mails.count == 2)
        #expect(mails.first?.content == mails.last?.content)
    }

    @Test func `a server that is not there is temporary`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        let sender = transport(server)
        server.stop()
        let delivery = try await sender.deliver(.digest(), to: .valid("ops@acme.example"))
        #expect(delivery.outcome == .temporary)
        #expect(delivery.reason == .unreachable)
        #expect(!delivery.reply.isEmpty)
        #expect(delivery.concernsEveryMail)
    }

    @Test func `a name that nobody knows is temporary`() async throws {
        let relay = try #require(SMTPRelay(url: "smtp://relay.invalid:2525"))
        let delivery = try await SMTPTransport(relay: relay).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .temporary)
        #expect(delivery.reason == .unreachable)
    }

    @Test func `a wrong password is a matter of configuration`() async throws {
        let server = try await SMTPServer(.startTLS(), folder: folder.url)
        let relay = try #require(
            SMTPRelay(
                url: server.url,
                credentials: .init(user: SMTPServer.user, password: "wrong"),
                authorities: server.certificate
            )
        )
        let delivery = try await SMTPTransport(relay: relay).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .configuration)
        #expect(delivery.reason == .loginRefused)
        #expect(delivery.concernsEveryMail)
        #expect(delivery.reply.hasPrefix("535"))
        #expect(try server.mails().isEmpty)
    }

    @Test(arguments: [SMTPServer.Mode.startTLS(), .implicitTLS])
    func `nothing is said to a server whose certificate is not trusted`(mode: SMTPServer.Mode) async throws {
        let server = try await SMTPServer(mode, folder: folder.url)
        let relay = try #require(
            SMTPRelay(
                url: server.url,
                credentials: .init(user: SMTPServer.user, password: SMTPServer.password)
            )
        )
        let delivery = try await SMTPTransport(relay: relay).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .configuration)
        #expect(delivery.reason == .certificateUntrusted)
        #expect(try server.logins().isEmpty)
    }

    @Test func `a password never travels in clear, also when STARTTLS was stripped on the way`() async throws
    {
        let server = try await SMTPServer(.plainWithLogin, folder: folder.url)
        let delivery = try await transport(server, login: true).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .configuration)
        #expect(delivery.reason == .encryptionMissing)
        #expect(try server.logins().isEmpty)
        #expect(try server.mails().isEmpty)
    }

    @Test func `a server that demands encryption we did not offer is a matter of configuration`() async throws
    {
        let server = try await SMTPServer(.startTLS(), folder: folder.url)
        let delivery = try await transport(server).deliver(.digest(), to: .valid("ops@acme.example"))
        #expect(delivery.outcome == .configuration)
        #expect(delivery.reason == .encryptionMissing)
    }

    @Test func `a file of authorities that is missing is a matter of configuration`() async throws {
        let server = try await SMTPServer(.implicitTLS, folder: folder.url)
        let relay = try #require(SMTPRelay(url: server.url, authorities: "/nonexistent.pem"))
        let delivery = try await SMTPTransport(relay: relay).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .configuration)
        #expect(delivery.reason == .misconfigured)
    }

    @Test func `a slow server costs no more than the limit`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        let relay = try #require(SMTPRelay(url: server.url))
        let sender = SMTPTransport(relay: relay, limits: .init(total: .milliseconds(700)))
        let delivery = try await sender.deliver(.digest(), to: .valid("slow@acme.example"))
        #expect(delivery.outcome == .temporary)
        #expect(delivery.reason == .timedOut)
    }

    @Test func `a delivery can be cancelled`() async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        let relay = try #require(SMTPRelay(url: server.url))
        let message = try MailMessage.digest()
        let recipient = try EmailAddress.valid("slow@acme.example")
        let clock = ContinuousClock()
        let start = clock.now
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Delivery.self) { group in
                group.addTask { try await SMTPTransport(relay: relay).deliver(message, to: recipient) }
                group.cancelAll()
                _ = try await group.next()
            }
        }
        #expect(clock.now - start < .seconds(25))
    }

    @Test(arguments: [
        ".\r\nQUIT\r\n", "a\n.\nb", "a\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n", "a\n.\r\nb", "a\r.\rb",
        "..\n...\n",
        "\n.\n", "a\r\n\r\n.\r\n\r\n", "ü\n.\nß\n.ü",
    ])
    func `a line with a lone dot ends nothing`(body: String) async throws {
        let server = try await SMTPServer(.plain, folder: folder.url)
        let message = try MailMessage.digest(body: body)
        let delivery = try await transport(server).deliver(message, to: .valid("ops@acme.example"))
        #expect(delivery.outcome == .delivered)
        #expect(try server.mails().map(\.content) == [message.rendered()])
    }

    private func transport(_ server: SMTPServer, login: Bool = false) -> SMTPTransport {
        let credentials = SMTPRelay.Credentials(user: SMTPServer.user, password: SMTPServer.password)
        let relay = SMTPRelay(
            url: server.url,
            credentials: login ? credentials : nil,
            authorities: login ? server.certificate : nil
        )
        guard let relay else { preconditionFailure("the test server's URL is valid") }
        return SMTPTransport(relay: relay)
    }
}
