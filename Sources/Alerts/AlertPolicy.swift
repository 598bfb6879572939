/// How alerts are told in one drop.
package struct AlertPolicy: Sendable {
    /// The drop's time zone, an IANA name; mails show it beside UTC.
    package var zone: String
    /// The time between two reminders of one incident.
    package var renotify: Duration

    package init(zone: String = "UTC", renotify: Duration = .seconds(86_400)) {
        self.zone = zone
        self.renotify = renotify
    }
}
