import Foundation
import Testing

@testable import Mail

struct SMTPTranscriptTests {
    @Test func `a login is shown by its mechanism alone`() {
        let transcript = conversation([
            "<220 mx", ">EHLO us", "<250-mx\r\n250 AUTH PLAIN LOGIN", ">AUTH LOGIN", "<334 VXNlcm5hbWU6",
            ">dXNlcg==",
            "<334 UGFzc3dvcmQ6", ">aHVudGVyMg==", "<235 welcome", ">MAIL FROM:<a@b>", "<250 OK",
        ])
        #expect(
            transcript.lines == [
                "< 220 mx", "> EHLO us", "< 250-mx", "< 250 AUTH PLAIN LOGIN", "> AUTH LOGIN",
                "< 334 VXNlcm5hbWU6",
                "> ***", "< 334 UGFzc3dvcmQ6", "> ***", "< 235 welcome", "> MAIL FROM:<a@b>", "< 250 OK",
            ]
        )
        #expect(transcript.stage == .sender)
        #expect(transcript.lastReply == "250 OK")
    }

    @Test func `an initial response is hidden as well`() {
        let transcript = conversation([">AUTH PLAIN AHVzZXIAaHVudGVyMg=="])
        #expect(transcript.lines == ["> AUTH PLAIN ***"])
        #expect(transcript.stage == .login)
    }

    @Test(arguments: ["hunter22", "aHVudGVyMjI=", "AHVzZXIAaHVudGVyMjI="])
    func `a server that repeats the password does not make us tell it`(echo: String) {
        let transcript = conversation(["<535 what is \(echo)?"])
        #expect(transcript.lines == ["< 535 what is ***?"])
        #expect(transcript.lastReply == "535 what is ***?")
    }

    @Test func `a hostile server cannot fill or paint the screen`() {
        let transcript = conversation(
            ["<220 \u{1B}]0;evil\u{7}\u{202E}x"]
                + Array(repeating: "<250-" + String(repeating: "x", count: 5000), count: 500)
        )
        #expect(transcript.lines.first == "< 220 ?]0;evil??x")
        #expect(transcript.lines.count == 200)
        #expect(transcript.lines.allSatisfy { $0.utf8.count <= 502 })
    }

    @Test func `the last reply is the one before the goodbye`() {
        let transcript = conversation([">RCPT TO:<a@b>", "<550 5.1.1 No such user", ">QUIT", "<221 Bye"])
        #expect(transcript.lastReply == "550 5.1.1 No such user")
        #expect(transcript.stage == .recipient)
        #expect(transcript.lines.last == "< 221 Bye")
    }

    @Test func `a reply may come in pieces`() {
        var transcript = SMTPTranscript(hiding: nil)
        for piece in ["25", "0 O", "K\r", "\n"] {
            Data(piece.utf8).withUnsafeBytes { transcript.received($0) }
        }
        #expect(transcript.lastReply == "250 OK")
    }

    private func conversation(_ lines: [String]) -> SMTPTranscript {
        var transcript = SMTPTranscript(hiding: .init(user: "user", password: "hunter22"))
        for line in lines {
            let bytes = Data((line.dropFirst() + "\r\n").utf8)
            bytes.withUnsafeBytes { line.hasPrefix(">") ? transcript.sent($0) : transcript.received($0) }
        }
        return transcript
    }
}
