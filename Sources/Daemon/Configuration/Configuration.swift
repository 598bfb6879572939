import Foundation
import Yams

/// Everything one drop's YAML file says, checked and with its defaults.
///
/// It is read once at start and again at `SIGHUP`. Secrets do not stand in it, only the names of credentials.
package struct Configuration: Sendable, Equatable {
    /// - `name` (text, required): shown in mails, log and page. Letters, digits, `.`, `_` and `-`, at most 64.
    package var name = ""
    /// - `state_directory` (path, required): `ledger.sqlite`, `spool/`, `status.log`.
    package var stateDirectory = ""
    /// - `zone` (IANA name, default: UTC): the drop's zone.
    package var zone = "UTC"
    /// - `reporting_currency` (ISO code, optional).
    package var reportingCurrency: String?
    /// - `inbox` (section, required).
    package var inbox = InboxSettings()
    /// - `schedule` (section).
    package var schedule = ScheduleSettings()
    /// - `loading` (section).
    package var loading = LoadingSettings()
    /// - `alerts` (section).
    package var alerts = AlertSettings()
    /// - `mail` (section, optional): absent, mails become files in `state_directory/mail`.
    package var mail: MailSettings?
    /// - `page` (section, optional): absent, there is no page.
    package var page: PageAddress?
    /// - `metrics.textfile` (path, optional).
    package var metricsTextfile: String?
    /// - `limits` (section).
    package var limits = LimitSettings()
    /// - `spool.keep` (duration, default: 90d): after settling.
    package var spoolKeep = Duration.seconds(90 * 86400)
    /// - `expect` (per type, optional).
    package var expect: [String: Expectation] = [:]
    /// - `heartbeat.url` (http URL, optional).
    package var heartbeatURL: String?

    /// Reads a configuration's text.
    ///
    /// `file` is what problems call the file, `known` the record types and columns that may be named.
    ///
    /// - Throws: ``ConfigurationRefused`` with every problem there is.
    package static func parse(
        _ yaml: String,
        file: String,
        known: RecordNames
    ) throws(ConfigurationRefused) -> Configuration {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationRefused([ConfigurationProblem(file: file, unreadable: error)])
        }
        guard let root else {
            throw ConfigurationRefused([ConfigurationProblem(file: file, message: "is empty")])
        }
        var mapping = StrictMapping(root, file: file)
        guard mapping.problems.isEmpty else { throw ConfigurationRefused(mapping.problems) }
        let configuration = Configuration(&mapping, known: known)
        mapping.finish()
        guard mapping.problems.isEmpty else { throw ConfigurationRefused(mapping.problems) }
        return configuration
    }

    private init(_ top: inout StrictMapping, known: RecordNames) {
        var before = top.problems.count
        name =
            top.value("name", expected: "letters, digits, dots, dashes and underscores", read: dropName) ?? ""
        top.require("name", !name.isEmpty, unlessRefusedSince: before)
        before = top.problems.count
        stateDirectory = top.path("state_directory") ?? ""
        top.require("state_directory", !stateDirectory.isEmpty, unlessRefusedSince: before)
        zone = top.zone("zone") ?? zone
        reportingCurrency = top.value("reporting_currency", expected: "an ISO 4217 code such as EUR") {
            code in
            code.utf8.count == 3 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) } ? code : nil
        }
        before = top.problems.count
        if let inbox = top.section("inbox", read: { InboxSettings(&$0, known: known) }) {
            self.inbox = inbox
        } else if before == top.problems.count {
            top.refuse("inbox.url", at: nil, "is required")
        }
        schedule = top.section("schedule") { ScheduleSettings(&$0) } ?? schedule
        loading = top.section("loading") { LoadingSettings(&$0, known: known) } ?? loading
        alerts = top.section("alerts") { AlertSettings(&$0) } ?? alerts
        mail = top.section("mail") { MailSettings(&$0) }
        page = top.section("page") { PageAddress(&$0) }
        metricsTextfile = top.section("metrics") { $0.path("textfile") } ?? nil
        limits = top.section("limits") { LimitSettings(&$0) } ?? limits
        spoolKeep =
            top.section("spool") { [spoolKeep] in
                $0.duration("keep", in: .seconds(3600) ... .seconds(36500 * 86400), default: spoolKeep)
            } ?? spoolKeep
        expect = top.byType("expect", known: known) { section, type, node in
            section.section(of: node, type) { Expectation(&$0) }
        }
        heartbeatURL = top.section("heartbeat") { $0.webAddress("url") } ?? nil
    }
}

/// Reads a drop's name, which also names units, labels and files.
private func dropName(_ text: String) -> String? {
    isPlainName(text, upTo: 64) && !text.hasPrefix("-") ? text : nil
}

extension ConfigurationProblem {
    /// What YAML itself found wrong.
    fileprivate init(file: String, unreadable error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(file: file, mark: mark, message: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { "\(DisplayedValue(bare: $0))" }.joined(separator: ", ")
            self.init(file: file, mark: context.mark, message: "\(keys): stands here twice")
        case .reader(let problem, _, _, _):
            self.init(file: file, message: problem)
        default:
            self.init(file: file, message: "cannot be read as YAML")
        }
    }
}
