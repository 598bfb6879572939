import Foundation
import Mail
import TestSupport
import Testing

/// The contract of ``MailTransport``, held against each way for mail to leave.
@Suite(.timeLimit(.minutes(5)))
struct MailTransportTests {
    enum Way: Sendable, CaseIterable {
        case folder
        case relay
    }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: Way.allCases)
    func `each recipient gets the whole mail, and a repeat has the same identity`(way: Way) async throws {
        let server = way == .relay ? try await SMTPServer(.plain, folder: folder.url) : nil
        let transport = try transport(server)
        let message = try MailMessage.digest(subject: "Für alle", body: "Grüße\n.\nEnde")
        for recipient in ["a@x.example", "b@x.example", "a@x.example"] {
            let delivery = try await transport.deliver(message, to: .valid(recipient))
            #expect(delivery.outcome == .delivered)
            #expect(!delivery.reply.isEmpty)
        }
        let received = try mails(server)
        #expect(Set(received.map(\.recipient)) == ["a@x.example", "b@x.example"])
        #expect(received.allSatisfy { $0.content == message.rendered() })
    }

    @Test(arguments: Way.allCases)
    func `a cancelled task delivers nothing`(way: Way) async throws {
        let server = way == .relay ? try await SMTPServer(.plain, folder: folder.url) : nil
        let transport = try transport(server)
        let message = try MailMessage.digest()
        let recipient = try EmailAddress.valid("a@x.example")
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { _ = try await transport.deliver(message, to: recipient) }
                try await group.next()
            }
        }
        #expect(try mails(server).isEmpty)
    }

    private var mailFolder: URL { folder.url.appending(path: "mail") }

    private func transport(_ server: SMTPServer?) throws -> any MailTransport {
        guard let server else { return FolderTransport(folder: mailFolder) }
        return SMTPTransport(relay: try #require(SMTPRelay(url: server.url)))
    }

    private func mails(_ server: SMTPServer?) throws -> [(recipient: String, content: Data)] {
        if let server { return try server.mails().map { ($0.to.joined(), $0.content) } }
        guard FileManager.default.fileExists(atPath: mailFolder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: mailFolder.path).map { name in
            let bytes = try Data(contentsOf: mailFolder.appending(path: name))
            let end = try #require(bytes.range(of: Data("\r\n".utf8)))
            let recipient = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            return (
                recipient.replacingOccurrences(of: "Delivered-To: ", with: ""), Data(bytes[end.upperBound...])
            )
        }
    }
}
