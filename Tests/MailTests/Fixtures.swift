import Foundation
import Mail

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

/// A folder of its own for one test, gone with it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        // Whatever stays behind lies in the folder for temporary files.
        try? FileManager.default.removeItem(at: url)
    }
}
