import Ledger
import Receivables

/// What the page about one file shows.
struct StoryModel: Sendable {
    struct Step: Sendable {
        let when: When?
        let text: String
    }

    struct Figure: Sendable {
        let label: String
        let value: String
    }

    struct Reason: Sendable {
        let column: String?
        let code: String
        let message: String
        let isWarning: Bool
    }

    /// A row and all that is wrong with it.
    struct Row: Sendable {
        let record: Int64?
        let place: String
        let word: String
        /// The style's name for it.
        let kind: String
        var reasons: [Reason]
    }

    let id: Int64
    let name: String
    let path: String
    let chip: Chip
    let why: String?
    let advice: String?
    let type: String?
    let size: String
    let sha256: String?
    let steps: [Step]
    let figures: [Figure]
    let hasFigures: Bool
    let rows: [Row]
    let hasRows: Bool
    /// Where the next page of findings begins.
    let nextIssues: String?
    let isLater: Bool
    let hasRejects: Bool
    let hasOriginal: Bool
    let hasCleared: Bool
    let clearedText: String
    /// Finds the other files of this name.
    let sameName: String
    let disposal: String?
    let canDecide: Bool
    let canReplay: Bool

    init(
        _ story: FileStory,
        issues: [IssuePages.Entry],
        length: Int,
        isLater: Bool,
        schedule: Schedule,
        mayDecide: Bool,
        now: Timestamp
    ) {
        let file = story.file
        let state = FileState(rawValue: file.state)
        id = file.id
        name = DisplayText(file.name).escaped
        path = DisplayText(file.path, limit: 4096).escaped
        chip = Chip.file(file.state)
        why = Self.why(story)
        advice = Self.advice(file, state)
        type = file.type.map { DisplayText($0).escaped }
        size = Shown.size(file.size)
        sha256 = file.sha256
        steps = StorySteps(story, schedule: schedule, now: now).steps.map {
            Step(when: When($0.at, now: now), text: $0.text)
        }
        figures = Self.figures(file)
        hasFigures = !figures.isEmpty
        let shown = issues.prefix(length)
        rows = Self.rows(shown, isApplied: state?.isApplied == true)
        hasRows = !rows.isEmpty
        nextIssues = issues.count > length ? shown.last?.cursor.text : nil
        self.isLater = isLater
        let refused = (file.rejected ?? 0) + (file.parked ?? 0)
        hasRejects = file.sha256 != nil && (refused > 0 || state == .failed)
        hasOriginal = file.sha256 != nil
        let cleared = file.cleared ?? 0
        hasCleared = cleared > 0
        clearedText =
            file.type == RecordType.customersWithOpenBalances.name
            ? "\(Count.of(cleared, "customer")) zeroed" : "\(Count.of(cleared, "invoice")) cleared"
        sameName = "/files?name=\(encodedForQuery(file.name))"
        disposal = story.disposal.map { disposal in
            let words = disposal.action == .delete ? "deleted" : "moved to \(disposal.action.rawValue)/"
            let tried = disposal.attempts > 0 ? " after \(Count.of(disposal.attempts, "attempt"))" : ""
            return
                "Not yet \(words) on the server\(tried); tried again at \(Shown.time(disposal.nextAttemptAt, now: now))."
        }
        canDecide = mayDecide && state == .held
        canReplay =
            mayDecide && file.sha256 != nil && state != .held && state != .received && state != .waiting
    }

    private static func why(_ story: FileStory) -> String? {
        let file = story.file
        if file.state == FileState.held.rawValue {
            let hold = story.events.last { $0.event == EventName.fileHeld.rawValue }
            return guardClause(hold?.detail)
        }
        return file.reason.map { ReasonText.clause($0) ?? DisplayText($0.replacing("_", with: " ")).escaped }
    }

    private static func advice(_ file: FileRow, _ state: FileState?) -> String? {
        switch state {
        case .held:
            "Nothing of it is applied. Release it if it is right as it is, discard it if it is not; a newer file decides as well."
        case .failed: "Nothing of it is applied. Correct the file and send it again."
        case .loadedWithErrors where (file.rejected ?? 0) > 0:
            "Download the rejected rows, correct them, and drop that file where this one was dropped."
        case .loadedWithErrors where (file.parked ?? 0) > 0:
            "The parked rows are loaded by themselves once their parents have come."
        case .ignored: file.reason.flatMap { IgnoredReason(rawValue: $0) }.map(\.advice)
        case .waiting where file.reason == WaitingReason.gone.rawValue:
            "Nothing of it was loaded; send it again if it was not moved on purpose."
        default: nil
        }
    }

    private static func figures(_ file: FileRow) -> [Figure] {
        // A held file has counts of what it would do, and nothing of it is done.
        guard let total = file.total, file.state != FileState.held.rawValue else { return [] }
        let all: [(String, Int64?)] = [
            ("inserted", file.inserted), ("updated", file.updated), ("unchanged", file.unchanged),
            ("rejected", file.rejected), ("parked", file.parked), ("cleared", file.cleared),
            ("deleted", file.deleted), (file.warnings == 1 ? "warning" : "warnings", file.warnings),
        ]
        return [Figure(label: total == 1 ? "row" : "rows", value: Count.text(total))]
            + all.compactMap { label, number in
                number.flatMap { $0 > 0 ? Figure(label: label, value: Count.text($0)) : nil }
            }
    }

    private static func rows(_ entries: ArraySlice<IssuePages.Entry>, isApplied: Bool) -> [Row] {
        var rows: [Row] = []
        for entry in entries {
            let issue = entry.issue
            let reason = Reason(
                column: issue.column.map { DisplayText($0).escaped },
                code: issue.code,
                message: issue.finding(limit: 2048),
                isWarning: issue.severity == "warning"
            )
            let word =
                issue.severity == "warning"
                ? "warning" : entry.isParked ? "parked" : isApplied ? "rejected" : "error"
            if let last = rows.last, last.record != nil, last.record == issue.record, last.word == word {
                rows[rows.count - 1].reasons.append(reason)
            } else {
                let line = issue.line.map { "line \($0)" }
                let record = issue.record.map { "row \($0)" }
                rows.append(
                    Row(
                        record: issue.record,
                        place: [record, line].compactMap(\.self).joined(separator: ", "),
                        word: word,
                        kind: issue.severity == "warning" || entry.isParked ? "warn" : "bad",
                        reasons: [reason]
                    )
                )
            }
        }
        return rows
    }

    static let template = """
        <p class="lead"><span class="chip {{chip.kind}}">{{chip.word}}</span>\
        {{#why}} {{why}}{{/why}}</p>
        <p class="fine">File {{id}} · {{#type}}<a href="/types#{{type}}">{{type}}</a>{{/type}}{{^type}}no record type{{/type}} · {{size}}</p>
        {{#advice}}<p class="note">{{advice}}</p>{{/advice}}
        {{#disposal}}<p class="note">{{disposal}}</p>{{/disposal}}
        <div class="actions">
        {{#canDecide}}<a class="button" href="/files/{{id}}/release">Release…</a>
        <a class="button quiet" href="/files/{{id}}/discard">Discard…</a>{{/canDecide}}
        {{#hasRejects}}<a class="button" href="/files/{{id}}/rejects" download>Download the rejected rows</a>{{/hasRejects}}
        {{#hasOriginal}}<a href="/files/{{id}}/original" download>Download the original</a>{{/hasOriginal}}
        {{#canReplay}}<a href="/files/{{id}}/replay">Replay…</a>{{/canReplay}}
        <a href="{{sameName}}">Files of this name</a>
        </div>
        {{#hasRejects}}<p class="fine">The rejected rows hold the sender's own cells byte for byte, also those that a spreadsheet \
        would take for formulas.</p>{{/hasRejects}}
        {{#hasFigures}}
        <h2 class="hidden">Rows</h2>
        <dl class="strip">{{#figures}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/figures}}</dl>
        {{/hasFigures}}
        {{#hasCleared}}<p><a href="/files/{{id}}/cleared">{{clearedText}}</a></p>{{/hasCleared}}
        <h2>What happened</h2>
        <ol class="timeline">
        {{#steps}}<li>{{#when}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/when}} \
        <span>{{text}}</span></li>
        {{/steps}}
        </ol>
        {{#hasRows}}
        <h2 id="findings">What was found</h2>
        <table class="stack">
        <caption class="hidden">Findings, in the order of the file</caption>
        <thead><tr><th scope="col">Row</th><th scope="col">Outcome</th><th scope="col">Reasons</th></tr></thead>
        <tbody>
        {{#rows}}<tr>
        <th scope="row" data-label="Row">{{place}}{{^record}}the file{{/record}}</th>
        <td data-label="Outcome"><span class="chip {{kind}}">{{word}}</span></td>
        <td data-label="Reasons"><ul>{{#reasons}}<li>{{#column}}<code>{{column}}</code>: {{/column}}{{message}} \
        <span class="fine">{{code}}</span></li>{{/reasons}}</ul></td>
        </tr>
        {{/rows}}
        </tbody>
        </table>
        {{/hasRows}}
        <nav class="pages" aria-label="Pages of findings">
        {{#isLater}}<a href="/files/{{id}}#findings">First findings</a>{{/isLater}}
        {{#nextIssues}}<a rel="next" href="/files/{{id}}?issues={{nextIssues}}#findings">More findings</a>{{/nextIssues}}
        </nav>
        <h2>About the file</h2>
        <dl class="figures">
        <dt>Path</dt><dd class="mono">{{path}}</dd>
        {{#sha256}}<dt>SHA-256</dt><dd class="mono">{{sha256}}</dd>{{/sha256}}
        </dl>
        """
}

/// The records that a file closed.
struct ClearedModel: Sendable {
    struct Line: Sendable {
        let id: String
        let label: String?
        let customer: String?
        let amount: String?
        let currency: String?
        let day: String?
    }

    let id: Int64
    let name: String
    let lines: [Line]
    let hasLines: Bool
    let areInvoices: Bool
    let remark: String
    let next: Int64?
    let isLater: Bool

    init(_ file: FileRow, _ records: [ClearedRecord], length: Int, isLater: Bool) {
        id = file.id
        name = DisplayText(file.name).escaped
        let shown = records.prefix(length)
        lines = shown.map { record in
            Line(
                id: DisplayText(record.id, limit: 1024).escaped,
                label: record.label.map { DisplayText($0, limit: 1024).escaped },
                customer: record.customer.map { DisplayText($0, limit: 1024).escaped },
                amount: record.amount.map(Count.grouped),
                currency: record.currency,
                day: record.day
            )
        }
        hasLines = !lines.isEmpty
        areInvoices = file.type == RecordType.openInvoices.name
        let counted = Count.of(file.cleared ?? 0, areInvoices ? "invoice" : "customer")
        remark =
            "\(counted) had no row in this file when it was loaded. Those that nothing has changed since are listed here,"
            + " with those that the file itself gave without a balance."
        next = records.count > length ? shown.last?.row : nil
        self.isLater = isLater
    }

    static let template = """
        <p><a href="/files/{{id}}">Back to the file</a></p>
        <p>{{remark}}</p>
        {{#hasLines}}
        <p><a class="button" href="/files/{{id}}/cleared.csv" download>Download all as CSV</a></p>
        <table class="stack">
        <caption>{{#areInvoices}}Cleared invoices{{/areInvoices}}{{^areInvoices}}Customers without a balance{{/areInvoices}}</caption>
        <thead><tr>{{#areInvoices}}<th scope="col">Invoice</th><th scope="col">Number</th><th scope="col">Customer</th>\
        <th scope="col" class="num">Amount</th><th scope="col">Cleared</th>{{/areInvoices}}\
        {{^areInvoices}}<th scope="col">Customer</th><th scope="col">Name</th><th scope="col">Currency</th>{{/areInvoices}}</tr></thead>
        <tbody>
        {{#lines}}<tr><th scope="row" data-label="Id">{{id}}</th><td data-label="Name">{{label}}</td>\
        {{#areInvoices}}<td data-label="Customer">{{customer}}</td>\
        <td data-label="Amount" class="num">{{amount}} {{currency}}</td><td data-label="Cleared">{{day}}</td>{{/areInvoices}}\
        {{^areInvoices}}<td data-label="Currency">{{currency}}</td>{{/areInvoices}}</tr>
        {{/lines}}
        </tbody>
        </table>
        {{/hasLines}}
        {{^hasLines}}<p class="empty">None of them is as this file left it.</p>{{/hasLines}}
        <nav class="pages" aria-label="Pages of records">
        {{#isLater}}<a href="/files/{{id}}/cleared">First</a>{{/isLater}}
        {{#next}}<a rel="next" href="/files/{{id}}/cleared?after={{next}}">More</a>{{/next}}
        </nav>
        """
}
