import Foundation

/// What was said in an SMTP session, fit to be shown: no credentials, no mail, no control characters, and not endless.
struct SMTPTranscript {
    /// What we said last, saying goodbye apart, and so what a reply answers.
    enum Stage: String {
        case greeting
        case hello
        case encryption
        case login
        case sender
        case recipient
        case mail

        /// Whether nothing about the mail has been said yet.
        var isBeforeMail: Bool {
            switch self {
            case .greeting, .hello, .encryption, .login: true
            case .sender, .recipient, .mail: false
            }
        }
    }

    private(set) var lines: [String] = []
    private(set) var stage = Stage.greeting
    /// The server's last line before we said goodbye, its code first; empty before the first.
    private(set) var lastReply = ""

    private var isOver = false
    private var halfReply: [UInt8] = []
    private let secrets: [String]

    /// - Parameter credentials: Replaced wherever a server repeats them, plain or in Base64.
    init(hiding credentials: SMTPRelay.Credentials?) {
        guard let credentials, !credentials.password.isEmpty else {
            secrets = []
            return
        }
        let both = "\0\(credentials.user)\0\(credentials.password)"
        secrets =
            [both, credentials.password].map { Data($0.utf8).base64EncodedString() } + [credentials.password]
    }

    /// Notes what we sent: whole command lines, which may hold credentials.
    mutating func sent(_ bytes: UnsafeRawBufferPointer) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            // RFC 4954: after 334 the client's line is nothing but (encoded) credentials.
            if lastReply.hasPrefix("334") {
                note("> ***")
                continue
            }
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
            let verb =
                words.first.map { $0.trimmingCharacters(in: .whitespacesAndNewlines).uppercased() } ?? ""
            stage = Self.stages[verb] ?? stage
            // libcurl says QUIT before it reports a refusal.
            if verb == "QUIT" { isOver = true }
            if verb == "AUTH" {
                let mechanism = words.dropFirst().first ?? ""
                note("> AUTH \(Self.printable(mechanism))" + (words.count > 2 ? " ***" : ""))
            } else {
                note("> \(Self.printable(String(decoding: line, as: UTF8.self)))")
            }
        }
    }

    /// Notes what the server sent, in pieces of any size.
    mutating func received(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                replied(String(decoding: halfReply, as: UTF8.self))
                halfReply = []
            } else if halfReply.count < 1000 {
                halfReply.append(byte)
            }
        }
    }

    private mutating func replied(_ line: String) {
        var reply = line
        for secret in secrets { reply = reply.replacingOccurrences(of: secret, with: "***") }
        reply = Self.printable(reply)
        if !isOver { lastReply = reply }
        note("< \(reply)")
    }

    private mutating func note(_ line: String) {
        if lines.count < 200 { lines.append(line) }
    }

    private static func printable(_ text: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(500) {
            switch scalar.properties.generalCategory {
            case .control: if scalar != "\r" { result.append("?") }
            case .format, .lineSeparator, .paragraphSeparator: result.append("?")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    private static let stages: [String: Stage] = [
        "EHLO": .hello, "HELO": .hello, "STARTTLS": .encryption, "AUTH": .login, "MAIL": .sender,
        "RCPT": .recipient, "DATA": .mail,
    ]
}
