import CCurl
import Testing

@testable import Mail

struct SMTPVerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var code: UInt32
        var status: Int
        var stage: SMTPTranscript.Stage
        var outcome: Delivery.Outcome

        var testDescription: String { "\(code) \(status) \(stage)" }

        init(_ code: UInt32, _ status: Int, _ stage: SMTPTranscript.Stage, _ outcome: Delivery.Outcome) {
            self.code = code
            self.status = status
            self.stage = stage
            self.outcome = outcome
        }
    }

    @Test(arguments: [
        Case(0, 250, .mail, .delivered),
        Case(55, 550, .recipient, .permanent),
        Case(55, 450, .recipient, .temporary),
        Case(55, 452, .recipient, .temporary),
        Case(55, 550, .sender, .configuration),
        Case(55, 552, .sender, .permanent),
        Case(55, 530, .sender, .configuration),
        Case(55, 530, .recipient, .configuration),
        Case(55, 354, .mail, .temporary),
        Case(8, 554, .mail, .permanent),
        Case(8, 452, .mail, .temporary),
        Case(8, 554, .greeting, .configuration),
        Case(8, 421, .greeting, .temporary),
        Case(9, 550, .hello, .configuration),
        Case(67, 535, .login, .configuration),
        Case(67, 454, .login, .temporary),
        Case(67, 250, .hello, .configuration),
        Case(60, 550, .encryption, .configuration),
        Case(64, 250, .hello, .configuration),
        Case(64, 454, .encryption, .configuration),
        Case(7, 550, .greeting, .temporary),
        Case(6, 0, .greeting, .temporary),
        Case(28, 550, .recipient, .temporary),
        Case(35, 550, .encryption, .temporary),
        Case(56, 0, .greeting, .temporary),
        Case(56, 354, .mail, .temporary),
        Case(56, 554, .mail, .permanent),
        Case(77, 0, .greeting, .configuration),
    ])
    func `the code of libcurl counts first`(sample: Case) {
        let verdict = SMTPVerdict(
            code: CURLcode(rawValue: sample.code),
            status: sample.status,
            stage: sample.stage,
            reply: "reply",
            explanation: "explanation"
        )
        #expect(verdict.outcome == sample.outcome)
    }
}
