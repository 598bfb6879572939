import Foundation
package import Ledger
package import Mail

/// Delivers what the ledger has queued, one recipient at a time, the oldest mail first.
///
/// At least once: a mail that left but whose leaving was not written down leaves again, with the same `Message-ID`.
package actor MailQueue {
    /// What one recipient's test came to.
    package struct TestReply: Sendable {
        package var recipient: String
        package var delivery: Delivery
    }

    private let ledger: Ledger
    private let transport: any MailTransport
    private let sender: EmailAddress
    private let zone: String
    private let jitter: @Sendable () -> Double
    private var isDelivering = false
    /// Set while the relay takes no mail at all: when to try again, and how often it was tried.
    private var pause: (until: Timestamp, attempts: Int)?

    /// - Parameters:
    ///   - ledger: Where the queue is.
    ///   - transport: How mails leave.
    ///   - sender: Whom they come from.
    ///   - zone: The drop's time zone, for the mail about mail.
    ///   - jitter: Chance from 0 to 1, so that many drops do not come back to a relay all at once.
    package init(
        ledger: Ledger,
        transport: any MailTransport,
        sender: EmailAddress,
        zone: String = "UTC",
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.ledger = ledger
        self.transport = transport
        self.sender = sender
        self.zone = zone
        self.jitter = jitter
    }

    /// Makes every queued mail due, so that a start or a changed configuration is tried out at once.
    package func wake(at time: Timestamp) async throws {
        pause = nil
        try await ledger.alert(at: time) { try $0.hastenMails() }
    }

    /// Tries every mail that is due; returns early when the relay takes none at all.
    ///
    /// - Parameter now: The clock.
    /// - Returns: How many were delivered.
    /// - Throws: `CancellationError` or `DatabaseError`; the mail in hand is then still queued.
    @discardableResult
    package func deliverDue(now: @Sendable () -> Timestamp) async throws -> Int {
        guard !isDelivering else { return 0 }
        isDelivering = true
        defer { isDelivering = false }
        var delivered = 0
        while pause.map({ $0.until <= now() }) ?? true {
            try Task.checkCancellation()
            guard let due = try await ledger.alert(at: now(), { try $0.nextDue() }) else { break }
            if try await attempt(due, now: now).outcome == .delivered { delivered += 1 }
        }
        return delivered
    }

    /// When the next mail is to be tried; `nil` when none is queued.
    package func nextAttempt(now: @Sendable () -> Timestamp) async throws -> Timestamp? {
        let next = try await ledger.alert(at: now()) { try $0.nextAttempt() }
        return next.map { max($0, pause?.until ?? $0) }
    }

    /// Sends a test mail to everybody on the list, at once.
    ///
    /// - Returns: What each recipient's server said. What was not delivered stays queued like any other mail.
    package func sendTest(now: @Sendable () -> Timestamp) async throws -> [TestReply] {
        let drop = ledger.dropName
        let time = now()
        let dues = try await ledger.alert(at: time) { alerts in
            let text = "This is a test of the alerts of drop \(drop). Nothing is wrong.\n"
            // Due later, lest the loop that delivers sends it beside us.
            let mail = try alerts.queue(
                .test,
                subject: "\(drop): test",
                body: text,
                firstAttempt: time.adding(seconds: 600)
            )
            return try alerts.outstanding(of: mail)
        }
        var replies: [TestReply] = []
        for due in dues {
            replies.append(TestReply(recipient: due.recipient, delivery: try await attempt(due, now: now)))
        }
        return replies
    }

    private func attempt(_ due: DueMail, now: @Sendable () -> Timestamp) async throws -> Delivery {
        let delivery = try await deliver(due)
        let time = now()
        let outcome = judge(delivery, due, at: time)
        let (drop, zone) = (ledger.dropName, zone)
        try await ledger.alert(at: time) { alerts in
            try alerts.settle(due, as: outcome)
            let incidents = AlertStep(drop: drop, zone: zone)
            switch delivery.outcome {
            case .delivered:
                try incidents.close(alerts) { $0.kind == "mail" }
            case .configuration:
                let facts = [("reply", delivery.reply)]
                try incidents.open("mail", delivery.reason.rawValue, facts: facts, alerts)
            case .temporary, .permanent: break
            }
            if delivery.concernsEveryMail {
                // What nobody could have delivered for five days is as dead as the mail that was tried.
                try alerts.expireMails(
                    queuedBefore: time.adding(seconds: -Backoff.lifetime),
                    reason: "expired",
                    error: delivery.reply
                )
            }
        }
        return delivery
    }

    private func deliver(_ due: DueMail) async throws -> Delivery {
        guard let recipient = EmailAddress(due.recipient) else {
            return Delivery(.permanent, .recipientRefused, reply: "not an e-mail address")
        }
        do {
            return try await transport.deliver(message(due), to: recipient)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return Delivery(.temporary, .unreachable, reply: "\(error)", concernsEveryMail: true)
        }
    }

    private func message(_ due: DueMail) -> MailMessage {
        MailMessage(
            from: sender,
            to: due.recipients.compactMap { EmailAddress($0) },
            subject: due.subject,
            body: due.body,
            messageID: identity(due.mail),
            references: due.reference.map(identity),
            date: Date(timeIntervalSince1970: TimeInterval(due.queuedAt.seconds))
        )
    }

    /// The same for ever, whatever the configuration says by then.
    private func identity(_ mail: Int64) -> String { "\(mail).\(ledger.uuid)@ledgerdrop" }

    private func judge(_ delivery: Delivery, _ due: DueMail, at time: Timestamp) -> MailAttempt {
        let reason = delivery.reason.rawValue
        let attempts = delivery.concernsEveryMail ? (pause?.attempts ?? 0) + 1 : due.attempts + 1
        let wait: Int64
        switch delivery.outcome {
        case .delivered:
            pause = nil
            return .sent
        case .permanent:
            return .dead(reason: reason, error: delivery.reply)
        case .configuration:
            wait = Backoff.secondsUntilMended(jitter: jitter())
        case .temporary:
            wait = Backoff.seconds(after: attempts, jitter: jitter())
        }
        let until = time.adding(seconds: wait)
        if delivery.concernsEveryMail { pause = (until, attempts) }
        guard time.seconds - due.queuedAt.seconds < Backoff.lifetime else {
            return .dead(reason: "expired", error: "\(reason): \(delivery.reply)")
        }
        return .deferred(until: until, reason: reason, error: delivery.reply)
    }
}
