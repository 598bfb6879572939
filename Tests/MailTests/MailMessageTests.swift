import Foundation
import Mail
import Testing

struct MailMessageTests {
    @Test func `a mail is rendered as RFC 5322 wants it`() throws {
        var message = try MailMessage.digest(body: "One.\nTwo.\r\nThree.\rFour.")
        message.references = "3.4f0c@acme.example"
        #expect(
            message.text
                == """
                Date: Mon, 24 Nov 2025 15:00:00 +0000
                From: ledgerdrop@acme.example
                To: ops@acme.example,
                 boss@acme.example
                Subject: acme: 1 file failed
                Message-ID: <17.4f0c@acme.example>
                References: <3.4f0c@acme.example>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=UTF-8
                Content-Transfer-Encoding: 7bit

                One.
                Two.
                Three.
                Four.

                """.replacingOccurrences(of: "\n", with: "\r\n")
        )
    }

    @Test(arguments: [
        "x.csv\r\nBcc: eve@evil.example", "x\nBcc: eve@evil.example", "x\rBcc: eve@evil.example",
        "x\r\n\r\nBcc: eve@evil.example", "x\u{2028}Bcc: eve", "x\u{85}Bcc: eve", "x\0Bcc: eve",
        "x\u{0B}Bcc: eve",
        "Rechnung für Müller\r\nBcc: eve@evil.example", "=?UTF-8?Q?=0D=0ABcc:_eve?=",
    ])
    func `a subject stays one header`(subject: String) throws {
        var message = try MailMessage.digest(subject: subject)
        message.messageID = subject
        message.references = subject
        let plain = try MailMessage.digest()
        let head = try #require(message.text.components(separatedBy: "\r\n\r\n").first)
        let names = head.components(separatedBy: "\r\n").filter { !$0.hasPrefix(" ") }.map {
            $0.prefix { $0 != ":" }
        }
        #expect(
            names == [
                "Date", "From", "To", "Subject", "Message-ID", "References", "Auto-Submitted", "MIME-Version",
                "Content-Type", "Content-Transfer-Encoding",
            ]
        )
        #expect(!head.replacingOccurrences(of: "\r\n", with: "").contains { $0.isNewline || $0 == "\0" })
        #expect(message.text.hasSuffix("\r\n\r\nOne.\r\nTwo.\r\n"))
        #expect(plain.text.hasSuffix("\r\n\r\nOne.\r\nTwo.\r\n"))
    }

    @Test(arguments: [
        "acme: Größe und Zahl", "請求書 2025-11 が読み込めませんでした 請求書 2025-11 が読み込めませんでした", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        "a long subject of plain letters, which does not fit into one line of seventy-six bytes",
        "looks =?UTF-8?B?like?= an encoded word",
    ])
    func `a subject comes back as it was, in lines of at most 76 bytes`(subject: String) throws {
        let text = try MailMessage.digest(subject: subject).text
        let lines = subjectLines(text)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 })
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(decoded(lines) == subject)
    }

    @Test func `a subject of 8 kB is cut`() throws {
        let text = try MailMessage.digest(subject: String(repeating: "ä", count: 4000)).text
        #expect(decoded(subjectLines(text)) == String(repeating: "ä", count: 199) + "…")
    }

    @Test func `a name cannot turn the direction of writing in a subject`() throws {
        let text = try MailMessage.digest(subject: "x\u{202E}vsc.exe").text
        #expect(decoded(subjectLines(text)) == "x vsc.exe")
    }

    @Test(arguments: [
        ("Grüße", "Gr=C3=BC=C3=9Fe\r\n"),
        ("1 = 2 ü", "1 =3D 2 =C3=BC\r\n"),
        ("ü \nx\t", "=C3=BC=20\r\nx=09\r\n"),
        ("\u{1B}[31mred\0", " [31mred \r\n"),
        ("", ""),
        ("a\n\nb", "a\r\n\r\nb\r\n"),
    ])
    func `a body is encoded where it must be, and only there`(body: String, expected: String) throws {
        let text = try MailMessage.digest(body: body).text
        let parts = text.components(separatedBy: "\r\n\r\n")
        #expect(parts.dropFirst().joined(separator: "\r\n\r\n") == expected)
    }

    @Test func `long lines are broken softly`() throws {
        let body = String(repeating: "é=x ", count: 400)
        let text = try MailMessage.digest(body: body).text
        let encoded = try #require(text.components(separatedBy: "\r\n\r\n").last)
        #expect(encoded.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 76 })
        let joined = encoded.replacingOccurrences(of: "=\r\n", with: "").replacingOccurrences(
            of: "=",
            with: "%"
        )
        #expect(joined.removingPercentEncoding == body.dropLast() + " \r\n")
    }

    @Test func `a date that no calendar knows does not stop a mail`() throws {
        var message = try MailMessage.digest()
        message.date = Date(timeIntervalSince1970: .infinity)
        #expect(message.text.hasPrefix("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"))
    }

    private func subjectLines(_ text: String) -> [String] {
        let lines = text.components(separatedBy: "\r\n")
        let rest = lines.drop { !$0.hasPrefix("Subject:") }
        return [rest.first ?? ""] + rest.dropFirst().prefix { $0.hasPrefix(" ") }
    }

    private func decoded(_ lines: [String]) -> String {
        let value = lines.joined().dropFirst("Subject: ".count)
        guard value.hasPrefix("=?UTF-8?B?") else { return String(value) }
        let words = value.split(separator: " ").map { word in
            Data(base64Encoded: String(word.dropFirst("=?UTF-8?B?".count).dropLast(2))) ?? Data()
        }
        return words.map { String(decoding: $0, as: UTF8.self) }.joined()
    }
}
