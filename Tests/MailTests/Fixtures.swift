import Foundation
import Mail
import TestSupport

extension EmailAddress {
    static func valid(_ text: String) throws -> EmailAddress {
        struct NotAnAddress: Error {}
        guard let address = EmailAddress(text) else { throw NotAnAddress() }
        return address
    }
}

extension MailMessage {
    /// A mail that everybody takes.
    static func digest(subject: String = "acme: 1 file failed", body: String = "One.\nTwo.\n") throws
        -> MailMessage
    {
        MailMessage(
            from: try .valid("ledgerdrop@acme.example"),
            to: [try .valid("ops@acme.example"), try .valid("boss@acme.example")],
            subject: subject,
            body: body,
            messageID: "17.4f0c@acme.example",
            date: Date(timeIntervalSince1970: 1_763_996_400)
        )
    }

    /// The rendered mail as text.
    var text: String { String(decoding: rendered(), as: UTF8.self) }
}

extension TemporaryFolder {
    var url: URL { URL(filePath: path) }
}
