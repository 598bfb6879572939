import Foundation
import Mail
import Synchronization

/// The mail server, and what it has taken.
struct Relay {
    /// What was delivered under each Message-ID, and to whom how often.
    var mails: [String: Data] = [:]
    var delivered: [String: Int] = [:]

    static func key(_ messageID: String, _ recipient: String) -> String { "\(messageID) \(recipient)" }
}

/// The way to the relay.
struct RelayTransport: MailTransport {
    let world: World

    func deliver(_ message: MailMessage, to recipient: EmailAddress) async throws -> Delivery {
        let number = message.messageID.prefix { $0 != "." }
        guard world.step("ask: mail \(number) to \(recipient)") else { throw CancellationError() }
        let dice = world.isCalm ? 99 : world.draw(0...99)
        let answer: Delivery =
            switch dice {
            case 0..<8: Delivery(.temporary, .deferred, reply: "451 later")
            case 8..<14: Delivery(.temporary, .unreachable, reply: "nobody there", concernsEveryMail: true)
            case 14..<17: Delivery(.permanent, .recipientRefused, reply: "550 no")
            case 17..<20: Delivery(.configuration, .loginRefused, reply: "535 no", concernsEveryMail: true)
            // Taken, and the answer is lost.
            case 20..<26: Delivery(.temporary, .connectionLost, reply: "cut")
            default: Delivery(.delivered, .accepted, reply: "250 ok")
            }
        if dice >= 20 { take(message, for: recipient) }
        world.say("  \(answer.reply)")
        guard world.step("done: mail \(number) to \(recipient)") else { throw CancellationError() }
        return answer
    }

    private func take(_ message: MailMessage, for recipient: EmailAddress) {
        let bytes = message.rendered()
        let isOther = world.state.withLock { state in
            state.relay.delivered[Relay.key(message.messageID, recipient.text), default: 0] += 1
            let before = state.relay.mails.updateValue(bytes, forKey: message.messageID)
            return before.map { $0 != bytes } ?? false
        }
        if isOther { world.violate("mail \(message.messageID) was sent with two texts") }
    }
}
