package import Ledger

/// A difference as a page shows it: numbers, findings, rows.
package struct DifferenceModel: Sendable {
    struct Figure: Sendable {
        let label: String
        let value: String
    }

    struct Finding: Sendable {
        let line: String
        /// The style's name for the severity.
        let kind: String
        let severity: String
        let code: String
        let column: String?
        let message: String
    }

    /// The rows of one kind.
    struct Section: Sendable {
        let title: String
        let remark: String?
        let hasLines: Bool
        let hasDetails: Bool
        let changes: [Change]
    }

    struct Change: Sendable {
        let line: String
        let key: String
        let details: String
    }

    let figures: [Figure]
    let findings: [Finding]
    let findingsLeftOut: Int?
    let sections: [Section]
    let omission: String?
    let hasFindings: Bool
    let hasChanges: Bool

    private static let valueLimit = 200

    init(_ difference: Difference) {
        let counts = difference.counts
        // A held file has no counts: nothing of it is applied.
        let isHeld = difference.state == .held
        figures = [
            ("Rows", counts.total), ("Inserted", counts.inserted), ("Updated", counts.updated),
            ("Unchanged", counts.unchanged), ("Rejected", counts.rejected), ("Parked", counts.parked),
            ("Cleared", counts.cleared), ("Deleted", counts.deleted), ("Warnings", difference.warnings),
        ].filter { ($0.0 == "Rows" && !isHeld) || $0.1 > 0 }.map { Figure(label: $0.0, value: "\($0.1)") }
        findings = difference.issues.map { issue in
            Finding(
                line: issue.line.map { "\($0)" } ?? "file",
                kind: issue.severity == "error" ? "bad" : "warn",
                severity: issue.severity,
                code: issue.code,
                column: issue.column.map { DisplayText($0).escaped },
                message: issue.finding(limit: 1000)
            )
        }
        findingsLeftOut = difference.issuesLeftOut > 0 ? difference.issuesLeftOut : nil
        // Rows that are refused stand among the findings.
        let kinds = Difference.Kind.allCases.filter { $0 != .rejected && $0 != .parked }
        sections = kinds.compactMap { Self.section(of: $0, in: difference) }
        omission = difference.omission
        hasFindings = !findings.isEmpty
        hasChanges = !sections.isEmpty
    }

    private static func section(of kind: Difference.Kind, in difference: Difference) -> Section? {
        let rows = difference.rows.filter { $0.kind == kind }
        guard !rows.isEmpty else { return nil }
        let count = Int64(rows.count + (difference.leftOut[kind] ?? 0))
        let changes = rows.map { row in
            Change(
                line: row.line.map { "\($0)" } ?? "",
                key: DisplayText(row.key ?? "").escaped,
                details: ([place(of: row), details(of: row.withoutWhatItMeans)].compactMap(\.self).filter {
                    !$0.isEmpty
                })
                .joined(separator: ": ")
            )
        }
        return Section(
            title:
                "\(kind.rawValue.prefix(1).uppercased())\(kind.rawValue.dropFirst()): \(Count.text(count))",
            remark: kind.remark,
            hasLines: changes.contains { !$0.line.isEmpty },
            hasDetails: changes.contains { !$0.details.isEmpty },
            changes: changes
        )
    }

    /// Where a row stands that is not of the file itself.
    private static func place(of row: Difference.Row) -> String? {
        guard let type = row.type else { return nil }
        return row.origin.map { "\(type) of \(DisplayText($0.name).escaped)" } ?? type
    }

    /// What changes in a row, or why it is refused.
    package static func details(of row: Difference.Row) -> String {
        let refusal = [row.column.map { DisplayText($0).escaped }, row.code].compactMap(\.self)
        return (row.changes.map(details) + refusal).joined(separator: ", ")
    }

    private static func details(_ change: Difference.Change) -> String {
        let name = DisplayText(change.column).escaped
        guard change.old != nil || change.new != nil else { return name }
        return "\(name) \(shown(change.old)) → \(shown(change.new))"
    }

    private static func shown(_ value: String?) -> String {
        value.map { DisplayText($0, limit: valueLimit).escaped } ?? "(blank)"
    }

    /// Shows what a model's member `difference` holds.
    static let template = """
        {{#difference}}
        <dl class="strip">{{#figures}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/figures}}</dl>
        {{#hasFindings}}
        <table class="stack">
        <caption>Findings</caption>
        <thead><tr><th scope="col">Line</th><th scope="col">Severity</th><th scope="col">What was found</th></tr></thead>
        <tbody>
        {{#findings}}<tr><td data-label="Line" class="keep">{{line}}</td><td data-label="Severity"><span class="chip {{kind}}">{{severity}}</span></td><td data-label="Finding">{{#column}}<code>{{column}}</code>: {{/column}}{{message}} <span class="fine">{{code}}</span></td></tr>{{/findings}}
        </tbody></table>
        {{/hasFindings}}
        {{^hasFindings}}<p>There are no findings.</p>{{/hasFindings}}
        {{#findingsLeftOut}}<p class="fine">{{findingsLeftOut}} further findings are not shown.</p>{{/findingsLeftOut}}
        {{#sections}}
        <table class="tight">
        <caption>{{title}}{{#remark}} <span class="fine">{{remark}}</span>{{/remark}}</caption>
        <thead><tr><th scope="col">Record</th>{{#hasLines}}<th scope="col">Line</th>{{/hasLines}}{{#hasDetails}}<th scope="col">What changes</th>{{/hasDetails}}</tr></thead>
        <tbody>
        {{#changes}}<tr><th scope="row" class="mono">{{key}}</th>{{#hasLines}}<td>{{line}}</td>{{/hasLines}}{{#hasDetails}}<td>{{details}}</td>{{/hasDetails}}</tr>
        {{/changes}}
        </tbody></table>
        {{/sections}}
        {{^hasChanges}}<p>No stored record would change.</p>{{/hasChanges}}
        {{#omission}}<p class="fine">{{omission}}</p>{{/omission}}
        {{/difference}}
        """
}

extension Difference.Kind {
    /// What the word does not say by itself.
    fileprivate var remark: String? {
        switch self {
        case .cleared, .zeroed, .deleted: "not named by the file"
        case .healed: "rows of other files that waited for this one"
        case .unhealed: "rows of other files that waited for this one, and break another rule"
        case .stub: "customers that nobody knows, made up for rows that name them"
        case .inserted, .updated, .parked, .rejected: nil
        }
    }
}

extension Difference.Row {
    /// A cleared invoice without the columns that say no more than that it is cleared.
    fileprivate var withoutWhatItMeans: Self {
        guard kind == .cleared else { return self }
        var row = self
        row.changes.removeAll { $0.column == "status" || $0.column == "cleared_date" }
        return row
    }
}
