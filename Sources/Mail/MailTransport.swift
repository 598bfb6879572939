/// A way for mail to leave.
///
/// Every conforming type MUST pass the suite `MailTransportTests`.
package protocol MailTransport: Sendable {
    /// Hands one mail over for one recipient.
    ///
    /// MUST return a ``Delivery`` for whatever the other side answers or fails to answer. MUST return
    /// ``Delivery/Outcome/delivered`` only when the mail is safe there. MUST return within a time of its own choosing.
    /// May be called again after any failure, also when an earlier attempt may have succeeded; a repeat MUST carry the
    /// same `Message-ID`. MUST NOT block a thread of the cooperative pool on the network. MUST NOT send a password over
    /// a connection that is not encrypted.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, or what our own machine did to us (disk, descriptors);
    ///   the mail is then to be tried again like after a temporary failure.
    func deliver(_ message: MailMessage, to recipient: EmailAddress) async throws -> Delivery
}
