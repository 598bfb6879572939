import Alerts
import Foundation
import Ledger
import Logging
import Mail
import Threads

/// Who is told, and how mails leave: alerts and mail queue under the configuration in force.
actor MailDesk {
    /// What a queue was made from; another configuration makes another queue.
    private struct Settings: Equatable {
        var mail: MailSettings?
        var from: String?
        var zone: String
    }

    private let drop: OpenDrop
    private let surroundings: Surroundings
    private let now: @Sendable () -> Timestamp
    private var queue: (settings: Settings, queue: MailQueue)?

    init(_ drop: OpenDrop, in surroundings: Surroundings, now: @escaping @Sendable () -> Timestamp) {
        self.drop = drop
        self.surroundings = surroundings
        self.now = now
    }

    /// Takes the configured recipients over once, and warns when they differ from the ledger's list afterwards.
    func seedRecipients() async throws {
        let addresses = drop.live.current.alerts.recipients
        let differs = try await onOwnThread { [drop, now] in
            try RecipientLedger(drop.ledger).seed(addresses, at: now())
        }
        if differs {
            drop.logger.warning("alerts.recipients differs from the ledger's list, which counts")
        }
    }

    /// Turns what happened into mails.
    func project() async throws {
        let configuration = drop.live.current
        let policy = AlertPolicy(zone: configuration.zone, renotify: configuration.alerts.renotify)
        try await AlertProjector(ledger: drop.ledger, policy: policy).project(at: now())
    }

    /// Sends what is due.
    ///
    /// Returns after how long at the latest there may be more.
    func deliver() async throws -> Duration {
        let queue = try await currentQueue()
        try await queue.deliverDue(now: now)
        guard let next = try await queue.nextAttempt(now: now) else { return Self.longestRest }
        let rest = Duration.milliseconds(next.milliseconds - now().milliseconds)
        // A clock that is set may bring a mail nearer.
        return min(max(rest, .seconds(1)), Self.longestRest)
    }

    private static let longestRest = Duration.seconds(600)

    /// Sends a mail to everybody on the list.
    func sendTest() async -> Answer {
        do {
            return Self.answer(try await currentQueue().sendTest(now: now))
        } catch {
            return Answer(exit: ExitStatus(error), problem: "\(error)")
        }
    }

    private func currentQueue() async throws -> MailQueue {
        let configuration = drop.live.current
        let settings = Settings(
            mail: configuration.mail,
            from: configuration.alerts.from,
            zone: configuration.zone
        )
        if let queue, queue.settings == settings { return queue.queue }
        let made = MailQueue(
            ledger: drop.ledger,
            transport: try transport(configuration.mail),
            sender: try sender(configuration.alerts.from),
            zone: configuration.zone,
            jitter: surroundings.chance
        )
        queue = (settings, made)
        // A start or another relay is tried out at once.
        try await made.wake(at: now())
        return made
    }

    private func transport(_ mail: MailSettings?) throws -> any MailTransport {
        if let transport = surroundings.transport { return transport }
        guard let mail else {
            return FolderTransport(folder: URL(fileURLWithPath: try drop.state.folder("mail")))
        }
        let credentials = mail.user.map { user in
            SMTPRelay.Credentials(user: user, password: drop.live.secrets[mail.password]?.text ?? "")
        }
        guard let relay = SMTPRelay(url: mail.smtp, credentials: credentials, authorities: mail.caFile) else {
            throw CommandFailure(.configuration, "mail.smtp cannot be used")
        }
        return SMTPTransport(relay: relay)
    }

    private func sender(_ from: String?) throws -> EmailAddress {
        let host = ProcessInfo.processInfo.hostName
        let name = host.contains(".") ? host : "localhost.localdomain"
        guard let sender = EmailAddress(from ?? "ledgerdrop@\(name)") else {
            throw CommandFailure(.configuration, "alerts.from cannot be used")
        }
        return sender
    }

    private static func answer(_ replies: [MailQueue.TestReply]) -> Answer {
        guard !replies.isEmpty else {
            return Answer(text: "nobody is on the list\n", json: "[]")
        }
        let lines = replies.map { reply in
            let said = DisplayText(reply.delivery.reply, limit: 512).escaped
            return "\(reply.recipient)  \(reply.delivery.outcome.rawValue)  \(said)\n"
        }
        let values = replies.map { reply in
            JSONValue.object([
                ("recipient", .text(reply.recipient)), ("outcome", .text(reply.delivery.outcome.rawValue)),
                ("reason", .text(reply.delivery.reason.rawValue)), ("reply", .text(reply.delivery.reply)),
            ])
        }
        let isDelivered = replies.allSatisfy { $0.delivery.outcome == .delivered }
        return Answer(
            exit: isDelivered ? .ok : .unavailable,
            text: lines.joined(),
            json: JSONValue.list(values).json
        )
    }
}
