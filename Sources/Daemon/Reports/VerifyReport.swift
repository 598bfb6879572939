import Ledger

/// `ledgerdrop verify`: what was looked at, what was found, and how much there is.
package struct VerifyReport: Report {
    /// What a finding means for whoever has to act.
    enum Kind: Sendable {
        /// Bytes are not what they were: the disk, or somebody who wrote beside us.
        case damage
        /// Something that we must never do.
        case fault
    }

    private struct Check: Sendable {
        let name: String
        let kind: Kind
        var count = 0
        var findings: [String] = []
    }

    private let drop: String
    private var checks: [Check] = []
    /// What the next start mends by itself.
    var notes: [String] = []
    var counts: [(name: String, count: Int64)]

    init(drop: String, _ audit: LedgerAudit) {
        self.drop = drop
        counts = audit.counts
        for name in audit.checks {
            begin(name, LedgerAudit.pageChecks.contains(name) ? .damage : .fault)
            for finding in audit.findings where finding.check == name { add(finding.message) }
        }
    }

    mutating func begin(_ name: String, _ kind: Kind) { checks.append(Check(name: name, kind: kind)) }

    /// Adds to the check that was begun last.
    mutating func add(_ finding: String) {
        guard let last = checks.indices.last else { return }
        checks[last].count += 1
        if checks[last].findings.count < LedgerAudit.shown { checks[last].findings.append(finding) }
    }

    package var isGood: Bool { checks.allSatisfy { $0.count == 0 } }

    /// ``ExitStatus/ok``; ``ExitStatus/software`` when we broke a promise, ``ExitStatus/inputOutput`` for damage.
    package var status: ExitStatus {
        checks.reduce(.ok) { worst, check in
            check.count == 0 ? worst : max(worst, check.kind == .damage ? .inputOutput : .software)
        }
    }

    package var text: String {
        var text = ""
        for check in checks where check.count > 0 {
            for finding in check.findings {
                text += "\(check.name): \(DisplayText(finding, limit: 2048).escaped)\n"
            }
            let rest = check.count - check.findings.count
            if rest > 0 { text += "\(check.name): and \(rest) more\n" }
        }
        for note in notes { text += "note: \(note)\n" }
        let failed = checks.count { $0.count > 0 }
        text += "\(DisplayText(drop).escaped): "
        text +=
            failed == 0 ? "good, \(checks.count) checks\n" : "\(failed) of \(checks.count) checks failed\n"
        var table = TextTable(numbers: [1])
        for (name, count) in counts { table.add([name, "\(count)"]) }
        return text + table.text
    }

    package var json: String {
        let checks = checks.map { check in
            JSONValue.object([
                ("name", .text(check.name)), ("ok", .flag(check.count == 0)),
                ("count", .integer(Int64(check.count))),
                ("findings", .list(check.findings.map { .text($0) })),
            ])
        }
        return JSONValue.json(of: [
            ("drop", .text(drop)), ("good", .flag(isGood)), ("checks", .list(checks)),
            ("notes", .list(notes.map { .text($0) })),
            ("counts", .object(counts.map { ($0.name, .integer($0.count)) })),
        ])
    }
}
