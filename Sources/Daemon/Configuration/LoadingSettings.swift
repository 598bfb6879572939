import Receivables
import Yams

/// The section `loading`: how files are read, and what they mean.
package struct LoadingSettings: Sendable, Equatable {
    package enum Delimiter: String, Sendable, CaseIterable {
        case auto
        case comma = ","
        case semicolon = ";"
        case tab
        case pipe
    }

    package enum BlankMeaning: String, Sendable, CaseIterable {
        case clear
        case keep
    }

    package enum Orphans: String, Sendable, CaseIterable {
        case park
        case fail
    }

    package enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        case windows1252 = "windows-1252"
    }

    package enum MoneyForm: String, Sendable, CaseIterable {
        case strict
        case lenient
    }

    package enum Duplicates: String, Sendable, CaseIterable {
        case fail
        case first
        case last
    }

    package enum SnapshotParts: String, Sendable, CaseIterable {
        case alone
        case union
    }

    package enum ContactsMode: String, Sendable, CaseIterable {
        case perOwner = "per_owner"
        case fullSnapshot = "full_snapshot"
    }

    package enum Mode: String, Sendable, CaseIterable {
        case delta
    }

    package enum Unapplied: String, Sendable, CaseIterable {
        case recompute
        case file
    }

    package enum BalanceBasis: String, Sendable, CaseIterable {
        case net
        case gross
    }

    /// When a snapshot is held for a person.
    package struct Guard: Sendable, Equatable {
        /// - `share` (share, default: 0.40): it would clear more than this share of what is open …
        package var share = 0.40
        /// - `rows` (number, default: 20): … and at least this many.
        package var rows = 20
        /// - `shrink` (share, default: 0.5): it has fewer rows than this share of the last one.
        package var shrink = 0.5

        package init(share: Double = 0.40, rows: Int = 20, shrink: Double = 0.5) {
            self.share = share
            self.rows = rows
            self.shrink = shrink
        }
    }

    /// - `delimiter` (`auto`, `,`, `;`, `tab` or `pipe`, default: `auto`).
    package var delimiter = Delimiter.auto
    /// - `date_format` (form, or forms per type, default: `yyyy-MM-dd`): for types without a list of their own.
    package var dateFormat = "yyyy-MM-dd"
    package var dateFormats: [String: [String]] = [:]
    /// - `encoding` (`utf-8` or `windows-1252`, default: `utf-8`).
    package var encoding = Encoding.utf8
    /// - `money` (`strict` or `lenient`, default: `strict`).
    package var money = MoneyForm.strict
    /// - `duplicates` (`fail`, `first` or `last`, default: `fail`).
    package var duplicates = Duplicates.fail
    /// - `header_aliases` (per type THEIRS: OURS, optional).
    package var headerAliases: [String: [String: String]] = [:]
    /// - `blank_means` (`clear` or `keep`, default: `clear`).
    package var blankMeans = BlankMeaning.clear
    /// - `orphans` (`park` or `fail`, default: `park`).
    package var orphans = Orphans.park
    /// - `park_for` (duration, default: 7d).
    package var parkFor = Duration.seconds(7 * 86400)
    /// - `snapshot_parts` (`alone` or `union`, default: `alone`).
    package var snapshotParts = SnapshotParts.alone
    /// - `contacts_mode` (`per_owner` or `full_snapshot`, default: `per_owner`).
    package var contactsMode = ContactsMode.perOwner
    /// - `mode` (`delta` per type, optional).
    package var modes: [String: Mode] = [:]
    /// - `unapplied` (`recompute` or `file`, default: `recompute`).
    package var unapplied = Unapplied.recompute
    /// - `balance_basis` (`net` or `gross`, default: `net`).
    package var balanceBasis = BalanceBasis.net
    /// - `variance_alert` (flag, default: false).
    package var varianceAlert = false
    /// - `create_stub_customers` (flag, default: false).
    package var createStubCustomers = false
    /// - `guard` (section).
    package var truncationGuard = Guard()

    package init() {}

    init(_ section: inout StrictMapping, known: RecordNames) {
        delimiter = section.word("delimiter", default: .auto)
        section.readDateFormats(into: &self, known: known)
        encoding = section.word("encoding", default: .utf8)
        money = section.word("money", default: .strict)
        duplicates = section.word("duplicates", default: .fail)
        headerAliases = section.byType("header_aliases", known: known) { $0.aliases($1, $2, known: known) }
        blankMeans = section.word("blank_means", default: .clear)
        orphans = section.word("orphans", default: .park)
        parkFor = section.duration("park_for", in: .seconds(60) ... .seconds(366 * 86400), default: parkFor)
        snapshotParts = section.word("snapshot_parts", default: .alone)
        contactsMode = section.word("contacts_mode", default: .perOwner)
        modes = section.byType("mode", known: known) { section, type, node in
            section.value(of: node, type, expected: "delta") { Mode(rawValue: $0) }
        }
        unapplied = section.word("unapplied", default: .recompute)
        balanceBasis = section.word("balance_basis", default: .net)
        varianceAlert = section.flag("variance_alert", default: false)
        createStubCustomers = section.flag("create_stub_customers", default: false)
        truncationGuard =
            section.section("guard") { section in
                Guard(
                    share: section.share("share", default: 0.40),
                    rows: section.integer("rows", in: 0...1_000_000_000, default: 20),
                    shrink: section.share("shrink", default: 0.5)
                )
            } ?? truncationGuard
    }
}

extension StrictMapping {
    fileprivate mutating func readDateFormats(into settings: inout LoadingSettings, known: RecordNames) {
        let key = "date_format"
        guard let node = take(key) else { return }
        guard node.mapping != nil else {
            settings.dateFormat = dateFormat(node, key) ?? settings.dateFormat
            return
        }
        settings.dateFormats = section(of: node, key) { section in
            section.entriesByType(known: known) { section, type, node in
                guard let forms = node.sequence else { return section.dateFormat(node, type).map { [$0] } }
                if forms.isEmpty { section.refuse(type, at: node, "expected at least one form") }
                return forms.compactMap { section.dateFormat($0, type) }
            }
        }
    }

    private mutating func dateFormat(_ node: Node, _ key: String) -> String? {
        let expected = "a form of yyyy, MM and dd, such as dd.MM.yyyy"
        return value(of: node, key, expected: expected) { DateFormat($0).map(\.pattern) }
    }

    fileprivate mutating func aliases(
        _ type: String,
        _ node: Node,
        known: RecordNames
    ) -> [String: String]? {
        section(of: node, type) { section in
            var aliases: [String: String] = [:]
            for theirs in section.keysLeft {
                let ours = section.value(theirs, expected: "a column of \(type)") {
                    known.contains(column: $0, of: type) ? $0 : nil
                }
                aliases[theirs] = ours
            }
            return aliases
        }
    }
}
