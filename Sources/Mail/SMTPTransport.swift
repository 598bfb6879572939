import Synchronization
import Threads

/// Delivers mail through a relay by SMTP, one transaction for each recipient.
///
/// libcurl blocks, so each delivery has a thread of its own, which ends with it.
package struct SMTPTransport: MailTransport {
    /// How long the steps of a delivery may take.
    package struct Limits: Sendable {
        /// Name lookup, TCP and TLS.
        package var connect: Duration = .seconds(30)
        /// The whole of one delivery.
        package var total: Duration = .seconds(120)

        package init(connect: Duration = .seconds(30), total: Duration = .seconds(120)) {
            self.connect = connect
            self.total = total
        }
    }

    private let relay: SMTPRelay
    private let limits: Limits

    package init(relay: SMTPRelay, limits: Limits = Limits()) {
        self.relay = relay
        self.limits = limits
    }

    package func deliver(_ message: MailMessage, to recipient: EmailAddress) async throws -> Delivery {
        try await exchange { try $0.deliver(message, to: recipient) }
    }

    /// Finds out whether the relay takes us: connection, encryption and login, and no mail.
    ///
    /// ``Delivery/Outcome/delivered`` stands for a relay that does.
    package func probe() async throws -> Delivery {
        try await exchange { try $0.probe() }
    }

    private func exchange(
        _ work: @escaping @Sendable (SMTPExchange) throws -> Delivery
    ) async throws -> Delivery {
        try Task.checkCancellation()
        let flag = CancelFlag()
        let (relay, limits) = (relay, limits)
        return try await withTaskCancellationHandler {
            try await onOwnThread {
                // Made, used and freed on this thread alone: a libcurl handle belongs to one thread at a time.
                try work(SMTPExchange(relay: relay, limits: limits, flag: flag))
            }
        } onCancel: {
            flag.isSet.store(true, ordering: .relaxed)
        }
    }
}

/// Tells the thread of a delivery that nobody waits for it any more.
final class CancelFlag: Sendable {
    let isSet = Atomic<Bool>(false)
}
