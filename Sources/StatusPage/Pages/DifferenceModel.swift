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
        let column: String
        let message: String
    }

    struct Change: Sendable {
        let line: String
        let kind: String
        let key: String
        let details: String
    }

    let figures: [Figure]
    let findings: [Finding]
    let findingsLeftOut: Int?
    let changes: [Change]
    let omission: String?
    let hasFindings: Bool
    let hasChanges: Bool

    private static let valueLimit = 200

    init(_ difference: Difference) {
        let counts = difference.counts
        figures = [
            ("Rows", counts.total), ("Inserted", counts.inserted), ("Updated", counts.updated),
            ("Unchanged", counts.unchanged), ("Rejected", counts.rejected), ("Parked", counts.parked),
            ("Cleared", counts.cleared), ("Deleted", counts.deleted), ("Warnings", difference.warnings),
        ].filter { $0.0 == "Rows" || $0.1 > 0 }.map { Figure(label: $0.0, value: "\($0.1)") }
        findings = difference.issues.map { issue in
            Finding(
                line: issue.line.map { "\($0)" } ?? "file",
                kind: issue.severity == "error" ? "bad" : "warn",
                severity: issue.severity,
                code: issue.code,
                column: DisplayText(issue.column ?? "").escaped,
                message: DisplayText(issue.message, limit: 1000).escaped
            )
        }
        findingsLeftOut = difference.issuesLeftOut > 0 ? difference.issuesLeftOut : nil
        // Rows that are refused stand among the findings.
        changes = difference.rows.filter { $0.kind != .rejected && $0.kind != .parked }.map { row in
            Change(
                line: row.line.map { "\($0)" } ?? "–",
                kind: row.kind.rawValue,
                key: DisplayText(row.key ?? "").escaped,
                details: Self.details(of: row)
            )
        }
        omission = difference.omission
        hasFindings = !findings.isEmpty
        hasChanges = !changes.isEmpty
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
        <dl class="figures">{{#figures}}<dt>{{label}}</dt><dd>{{value}}</dd>{{/figures}}</dl>
        {{#hasFindings}}
        <div class="scroll"><table class="stack">
        <caption>Findings</caption>
        <thead><tr><th scope="col">Line</th><th scope="col">Severity</th><th scope="col">Code</th><th scope="col">Column</th><th scope="col">Message</th></tr></thead>
        <tbody>
        {{#findings}}<tr><td data-label="Line" class="num">{{line}}</td><td data-label="Severity"><span class="chip {{kind}}">{{severity}}</span></td><td data-label="Code" class="mono">{{code}}</td><td data-label="Column" class="mono">{{column}}</td><td data-label="Message">{{message}}</td></tr>{{/findings}}
        </tbody></table></div>
        {{/hasFindings}}
        {{^hasFindings}}<p>There are no findings.</p>{{/hasFindings}}
        {{#findingsLeftOut}}<p class="fine">{{findingsLeftOut}} further findings are not shown.</p>{{/findingsLeftOut}}
        {{#hasChanges}}
        <div class="scroll"><table class="stack">
        <caption>What would change</caption>
        <thead><tr><th scope="col">Line</th><th scope="col">Change</th><th scope="col">Record</th><th scope="col">Columns</th></tr></thead>
        <tbody>
        {{#changes}}<tr><td data-label="Line" class="num">{{line}}</td><td data-label="Change">{{kind}}</td><td data-label="Record" class="mono">{{key}}</td><td data-label="Columns">{{details}}</td></tr>{{/changes}}
        </tbody></table></div>
        {{/hasChanges}}
        {{^hasChanges}}<p>No stored record would change.</p>{{/hasChanges}}
        {{#omission}}<p class="fine">{{omission}}</p>{{/omission}}
        {{/difference}}
        """
}
