package import Foundation

/// One mail: plain text in UTF-8, without attachments.
///
/// No string in it can add a header, a recipient or a second message, whatever characters it holds.
package struct MailMessage: Sendable, Equatable {
    package var from: EmailAddress
    /// The addresses the `To:` header shows; who receives a copy is decided by the transport's caller.
    package var to: [EmailAddress]
    package var subject: String
    /// The text, with any kind of line end.
    package var body: String
    /// The identity of the mail without angle brackets, the same over all attempts and recipients.
    package var messageID: String
    /// The identity of an earlier mail that this one belongs to, without angle brackets.
    package var references: String?
    package var date: Date

    package init(
        from: EmailAddress,
        to: [EmailAddress],
        subject: String,
        body: String,
        messageID: String,
        references: String? = nil,
        date: Date
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.messageID = messageID
        self.references = references
        self.date = date
    }

    /// The mail as RFC 5322 wants it: CRLF line ends, seven bits, no line over 998 bytes, a line end at the end.
    package func rendered() -> Data {
        let text = MailBody(body)
        var lines = [
            "Date: \(HeaderLine.date(date))",
            "From: \(from.text)",
            "To: \(to.isEmpty ? "undisclosed-recipients:;" : to.map(\.text).joined(separator: ",\r\n "))",
            HeaderLine.unstructured("Subject", subject),
            "Message-ID: \(HeaderLine.messageID(messageID))",
        ]
        if let references {
            lines.append("References: \(HeaderLine.messageID(references))")
        }
        lines += [
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: \(text.encoding)",
        ]
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n" + text.encoded).utf8)
    }
}
