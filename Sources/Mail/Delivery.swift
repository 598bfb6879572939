/// What became of one attempt to deliver one mail to one recipient.
package struct Delivery: Sendable, Equatable {
    /// What the sender does next.
    package enum Outcome: String, Sendable {
        /// The other side has taken responsibility for the mail.
        case delivered
        /// The world is in the way (network, busy server, full mailbox): the same attempt may succeed later.
        case temporary
        /// The recipient or the mail is refused for good: trying again would only repeat it.
        case permanent
        /// Our settings are in the way (login, certificate, encryption, sender): someone must act, and the mail waits.
        case configuration
    }

    /// Why, as one word of a closed list.
    package enum Reason: String, Sendable {
        case accepted
        /// The name of the relay is unknown, or nobody answers there.
        case unreachable
        case timedOut = "timed_out"
        /// The connection broke; if that was after the text was sent, the mail may have been accepted nevertheless.
        case connectionLost = "connection_lost"
        /// The relay asks us to come back: greylisting, a full mailbox, a passing fault.
        case deferred
        case recipientRefused = "recipient_refused"
        case mailRefused = "mail_refused"
        case senderRefused = "sender_refused"
        case loginRefused = "login_refused"
        case certificateUntrusted = "certificate_untrusted"
        /// The relay offers no encryption though we demand it, or demands it though we offer none.
        case encryptionMissing = "encryption_missing"
        /// The relay refuses to speak with us at all.
        case relayRefused = "relay_refused"
        /// The settings cannot be used as they are, for instance a file of certificates that cannot be read.
        case misconfigured
    }

    package var outcome: Outcome
    package var reason: Reason
    /// The server's last reply or, where it said nothing to the point, what went wrong in words; one printable line.
    package var reply: String
    /// The conversation, `> ` before our lines and `< ` before theirs, without credentials and without the mail.
    package var transcript: [String]
    /// Whether it went wrong before the mail was even mentioned, so that every other mail would fare the same now.
    package var concernsEveryMail: Bool

    package init(
        _ outcome: Outcome,
        _ reason: Reason,
        reply: String,
        transcript: [String] = [],
        concernsEveryMail: Bool = false
    ) {
        self.outcome = outcome
        self.reason = reason
        self.reply = reply
        self.transcript = transcript
        self.concernsEveryMail = concernsEveryMail
    }
}
