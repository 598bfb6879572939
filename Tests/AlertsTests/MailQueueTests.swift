import Alerts
import Foundation
import GRDB
import Ledger
import Mail
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct MailQueueTests {
    @Test func `a queued mail reaches everybody on the list`() async throws {
        let desk = try Desk(recipients: ["ops@acme.example", "boss@acme.example"])
        let server = try await server(desk)
        try desk.settle("contacts", .failed)
        try await desk.project()
        #expect(try await queue(desk, server).deliverDue(now: desk.clock()) == 2)

        let mails = try server.mails()
        #expect(mails.map(\.to) == [["boss@acme.example"], ["ops@acme.example"]])
        let text = String(decoding: try #require(mails.first).content, as: UTF8.self)
        #expect(text.contains("Message-ID: <1.\(desk.ledger.uuid)@ledgerdrop>\r\n"))
        #expect(text.contains("To: boss@acme.example,\r\n ops@acme.example\r\n"))
        #expect(text.contains("Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n"))
        #expect(text.contains("Auto-Submitted: auto-generated\r\n"))
        #expect(try desk.mails().map(\.state) == ["sent"])
        #expect(try desk.count(.mailSent) == 2)
    }

    @Test func `one refused recipient is dead and named, the other gets the mail`() async throws {
        let desk = try Desk(recipients: ["nobody@acme.example", "ops@acme.example"])
        let server = try await server(desk)
        try desk.settle("contacts", .failed)
        try await desk.project()
        let queue = try queue(desk, server)
        for _ in 0..<2 { try await queue.deliverDue(now: desk.clock()) }

        #expect(try server.mails().map(\.to) == [["ops@acme.example"]])
        let mail = try #require(try desk.mails().first)
        #expect(mail.state == "dead")
        #expect(mail.lastError == "nobody@acme.example: recipient_refused: 550 5.1.1 No such user")
        #expect(try desk.count(.mailDead) == 1)
    }

    @Test func `a greylisted recipient is tried again a minute later`() async throws {
        let desk = try Desk(recipients: ["greyonce@acme.example"])
        let server = try await server(desk)
        try desk.settle("contacts", .failed)
        try await desk.project()
        let queue = try queue(desk, server)
        try await queue.deliverDue(now: desk.clock())
        #expect(try server.mails().isEmpty)
        #expect(try desk.mails().map(\.state) == ["queued"])
        try await queue.deliverDue(now: desk.clock(59))
        #expect(try server.mails().isEmpty)
        try await queue.deliverDue(now: desk.clock(60))
        #expect(try server.mails().count == 1)
        #expect(try desk.count(.mailDeferred) == 1)
    }

    @Test func `mail outlives an outage and a kill, and drains in order`() async throws {
        let desk = try Desk()
        let server = try await server(desk)
        let port = server.port
        let address = server.url
        server.stop()
        for _ in 0..<3 {
            try desk.settle("contacts", .failed)
            try await desk.project()
        }
        let down = try queue(desk, address)
        for minute in 0..<30 {
            try await down.deliverDue(now: desk.clock(Int64(minute) * 60))
        }
        #expect(try desk.mails().map(\.state) == ["queued", "queued", "queued"])
        #expect(try desk.mails().first?.lastError?.hasPrefix("ops@acme.example: unreachable: ") == true)

        let again = try Desk.open(desk.folder)
        let back = try await SMTPServer(.plain, folder: URL(filePath: desk.folder.path("smtp")), port: port)
        let relay = try #require(SMTPRelay(url: back.url))
        let queue = MailQueue(
            ledger: again,
            transport: SMTPTransport(relay: relay),
            sender: try #require(EmailAddress("ledgerdrop@acme.example"))
        )
        let time = desk.time.adding(seconds: 1800)
        try await queue.wake(at: time)
        let delivered = try await queue.deliverDue(now: { time })
        #expect(delivered == 3)
        let identities = try back.mails().map { mail in
            String(decoding: mail.content, as: UTF8.self).components(separatedBy: "Message-ID: <").last?
                .prefix(2)
        }
        #expect(identities == ["1.", "2.", "3."])
    }

    @Test func `a mail that may have arrived is repeated with the same identity`() async throws {
        let desk = try Desk(recipients: ["cutonce@acme.example"])
        let server = try await server(desk)
        try desk.settle("contacts", .failed)
        try await desk.project()
        let queue = try queue(desk, server)
        for minute in [0, 10] {
            try await queue.deliverDue(now: desk.clock(Int64(minute) * 60))
        }
        let mails = try server.mails()
        #expect(mails.count == 2)
        #expect(mails.first?.content == mails.last?.content)
        #expect(try desk.mails().map(\.state) == ["sent"])
    }

    @Test func `after five days a mail is dead, and still there`() async throws {
        let desk = try Desk(recipients: ["grey@acme.example"])
        let server = try await server(desk)
        try desk.settle("contacts", .failed)
        try await desk.project()
        let queue = try queue(desk, server)
        for hours in [0, 24, 119] {
            try await queue.deliverDue(now: desk.clock(Int64(hours) * 3600))
        }
        #expect(try desk.mails().map(\.state) == ["queued"])
        try await queue.deliverDue(now: desk.clock(121 * 3600))
        let mail = try #require(try desk.mails().first)
        #expect(mail.state == "dead")
        #expect(mail.lastError == "grey@acme.example: expired: deferred: 451 4.7.1 Try later")
        #expect(try desk.count(.mailDead) == 1)
    }

    @Test func `a refused login keeps the mail and opens an incident until mail leaves again`() async throws {
        let desk = try Desk()
        let server = try await SMTPServer(.startTLS(), folder: URL(filePath: desk.folder.path("smtp")))
        try desk.settle("contacts", .failed)
        try await desk.project()
        func queue(password: String) throws -> MailQueue {
            let login = SMTPRelay.Credentials(user: SMTPServer.user, password: password)
            let relay = SMTPRelay(url: server.url, credentials: login, authorities: server.certificate)
            return MailQueue(
                ledger: desk.ledger,
                transport: SMTPTransport(relay: try #require(relay)),
                sender: try #require(EmailAddress("ledgerdrop@acme.example")),
                jitter: { 0.5 }
            )
        }
        let wrong = try queue(password: "wrong")
        for minute in [0, 1, 16] {
            try await wrong.deliverDue(now: desk.clock(Int64(minute) * 60))
        }
        #expect(try desk.mails().map(\.kind) == ["digest", "incident"])
        #expect(try desk.mails().last?.subject == "acme: mail cannot be delivered: login_refused")
        #expect(try server.logins().count >= 2)

        let right = try queue(password: SMTPServer.password)
        let time = desk.time.adding(seconds: 3600)
        try await right.wake(at: time)
        try await right.deliverDue(now: { time })
        let mails = try desk.mails()
        #expect(mails.map(\.kind) == ["digest", "incident", "recovery"])
        #expect(mails.map(\.state) == ["sent", "sent", "sent"])
        #expect(!mails.contains { $0.body.contains("wrong") || $0.body.contains(SMTPServer.password) })
    }

    @Test func `a mail for nobody waits for the first on the list`() async throws {
        let desk = try Desk(recipients: [])
        let server = try await server(desk)
        try desk.settle("contacts", .failed)
        try await desk.project()
        let queue = try queue(desk, server)
        #expect(try await queue.deliverDue(now: desk.clock()) == 0)
        #expect(try desk.mails().map(\.state) == ["queued"])
        #expect(try RecipientLedger(desk.ledger).add("ops@acme.example", by: "alice", at: desk.time))
        #expect(try await queue.deliverDue(now: desk.clock()) == 1)
    }

    @Test func `a test mail says what each server said, and nobody gets it twice`() async throws {
        let desk = try Desk(recipients: ["nobody@acme.example", "ops@acme.example"])
        let server = try await server(desk)
        let queue = try queue(desk, server)
        let replies = try await queue.sendTest(now: desk.clock())
        #expect(replies.map(\.delivery.reply) == ["550 5.1.1 No such user", "250 2.0.0 accepted"])
        try await queue.deliverDue(now: desk.clock(86_400))
        #expect(try server.mails().count == 1)
        #expect(try desk.mails().map(\.kind) == ["test"])
    }

    @Test func `without a relay each mail becomes a file`() async throws {
        let desk = try Desk()
        try desk.settle("contacts", .failed)
        try await desk.project()
        let queue = MailQueue(
            ledger: desk.ledger,
            transport: FolderTransport(folder: URL(filePath: desk.folder.path("mail"))),
            sender: try #require(EmailAddress("ledgerdrop@acme.example"))
        )
        #expect(try await queue.deliverDue(now: desk.clock()) == 1)
        #expect(
            try desk.folder.names(in: "mail") == ["1.\(desk.ledger.uuid)@ledgerdrop_ops@acme.example.eml"]
        )
    }

    private func server(_ desk: Desk) async throws -> SMTPServer {
        try await SMTPServer(.plain, folder: URL(filePath: desk.folder.path("smtp")))
    }

    private func queue(_ desk: Desk, _ server: SMTPServer) throws -> MailQueue { try queue(desk, server.url) }

    private func queue(_ desk: Desk, _ url: String) throws -> MailQueue {
        MailQueue(
            ledger: desk.ledger,
            transport: SMTPTransport(relay: try #require(SMTPRelay(url: url))),
            sender: try #require(EmailAddress("ledgerdrop@acme.example")),
            jitter: { 0.5 }
        )
    }
}
