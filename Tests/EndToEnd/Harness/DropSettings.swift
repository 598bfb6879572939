import Glibc

/// What the configuration of one drop says beyond the plain one.
///
/// The lines are YAML as an operator would write it, without indentation.
struct DropSettings: Sendable {
    var quietPeriod = "0s"
    /// Half an hour away, so that no slot comes due while a test runs.
    var minute = (Int(time(nil)) / 60 + 30) % 60
    /// More lines below `inbox`.
    var inbox: [String] = []
    /// More lines below `loading`.
    var loading: [String] = []
    /// More lines at the top level.
    var more: [String] = []
    /// Where a proxy listens; `nil` is the server itself.
    var port: Int?
    /// Other pins than the server's own; `[]` for none.
    var pins: [String]?
    var recipients = ["ar-ops@acme.example"]

    init(
        quietPeriod: String = "0s",
        inbox: [String] = [],
        loading: [String] = [],
        more: [String] = [],
        port: Int? = nil,
        pins: [String]? = nil,
        recipients: [String] = ["ar-ops@acme.example"]
    ) {
        self.quietPeriod = quietPeriod
        self.inbox = inbox
        self.loading = loading
        self.more = more
        self.port = port
        self.pins = pins
        self.recipients = recipients
    }

    /// The whole configuration file.
    func yaml(state: String, url: String, pin: String) -> String {
        let pins = self.pins ?? [pin]
        var lines = [
            "name: acme", "state_directory: \(state)", "inbox:", "  url: \(url)", "  identity: drop-key",
        ]
        if !pins.isEmpty {
            lines.append("  host_keys: [ " + pins.map { "\"\($0)\"" }.joined(separator: ", ") + " ]")
        }
        lines += inbox.map { "  \($0)" }
        lines.append("schedule: { minute: \(minute), quiet_period: \(quietPeriod), catch_up: true }")
        if !loading.isEmpty { lines += ["loading:"] + loading.map { "  \($0)" } }
        lines += ["alerts:", "  recipients: [ \(recipients.joined(separator: ", ")) ]"]
        lines += ["  from: ledgerdrop@acme.example"] + more
        return lines.joined(separator: "\n") + "\n"
    }
}
