/// The section `alerts`: who is told.
package struct AlertSettings: Sendable, Equatable {
    /// - `recipients` (list of addresses, optional): the first list; the ledger's counts afterwards.
    package var recipients: [String] = []
    /// - `from` (address, optional): the sender of every mail.
    package var from: String?
    /// - `renotify` (duration, default: 24h): between two reminders of one incident.
    package var renotify = Duration.seconds(86400)

    package init() {}

    init(_ section: inout StrictMapping) {
        recipients = section.addresses("recipients")
        from = section.address("from")
        renotify = section.duration(
            "renotify",
            in: .seconds(3600) ... .seconds(30 * 86400),
            default: renotify
        )
    }
}
