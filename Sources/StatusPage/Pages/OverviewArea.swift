import Ledger
import Receivables

/// `/`: what an operator with two minutes wants to know, what needs a person first.
package struct OverviewArea: Area {
    /// How many files that need a person are named here.
    private static let length = 20

    let source: PageSource

    package init(_ source: PageSource) { self.source = source }

    package var entry: NavigationEntry? { NavigationEntry("Overview", path: "/") }
    package var templates: [String: String] { ["overview": OverviewModel.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/") { [source] visit in
            let (now, mayDecide) = (visit.now, visit.may(.operator))
            let model = try await source.ask { source in
                let needs = try source.directory.page(Self.needsPerson, limit: Self.length, now: now)
                return OverviewModel(
                    runs: try PageQueries(source.ledger).lastRuns(),
                    next: source.schedule().slot(after: now),
                    needs: needs,
                    guards: try FileQueries(source.ledger).guards(of: needs.files),
                    mayDecide: mayDecide,
                    standings: try TypeStanding.all(source),
                    counts: source.directory.counts(),
                    figures: source.figures.snapshot,
                    now: now
                )
            }
            return visit.page("overview", title: "Overview", model)
        }
    }

    static var needsPerson: FileFilter {
        var filter = FileFilter()
        filter.needsPerson = true
        return filter
    }
}

/// What the overview shows.
struct OverviewModel: Sendable {
    /// A file that waits for a person, with what that person can do at once.
    struct Need: Sendable {
        let file: FileLine
        let canDecide: Bool
        let hasRejects: Bool
    }

    struct RunLine: Sendable {
        let id: Int64
        let chip: Chip
        let why: String?
        let started: When?
        let counts: String?
    }

    struct TypeLine: Sendable {
        let name: String
        /// How it stands where something is expected of it.
        let chip: Chip?
        let expected: String?
        let loaded: When?
        let file: FileLine?
    }

    struct Late: Sendable {
        let name: String
        let chip: Chip
        let text: String
    }

    struct Money: Sendable {
        let currency: String
        let openCount: String
        let open: String
        let clearedCount: String
        let cleared: String
    }

    struct StateLine: Sendable {
        let chip: Chip
        let state: String
        let count: String
    }

    struct Trouble: Sendable {
        let text: String
        let remedy: String
        /// The record type whose files show more.
        let type: String?
        let since: When?
    }

    struct Mails: Sendable {
        let queued: String
        let dead: String
        let sent: String
        let oldest: When?
        let hasDead: Bool
    }

    let isCalm: Bool
    let mayDecide: Bool
    let needs: [Need]
    let hasNeeds: Bool
    let hasMoreNeeds: Bool
    let late: [Late]
    let troubles: [Trouble]
    let lastRun: RunLine?
    let lastFinished: When?
    let nextRun: When
    let types: [TypeLine]
    let hasExpectations: Bool
    let money: [Money]
    let hasMoney: Bool
    let asOf: When?
    let states: [StateLine]
    let hasStates: Bool
    let mails: Mails?

    init(
        runs: PageQueries.LastRuns,
        next: Timestamp,
        needs page: FileDirectory.Page,
        guards: [Int64: String],
        mayDecide: Bool,
        standings: [TypeStanding],
        counts: [String: Int],
        figures: PageFigures.Snapshot?,
        now: Timestamp
    ) {
        self.mayDecide = mayDecide
        needs = page.files.map { file in
            let isHeld = file.state == FileState.held.rawValue
            return Need(
                file: FileLine(file, guard: guards[file.id], now: now),
                canDecide: mayDecide && isHeld,
                hasRejects: !isHeld && file.sha256 != nil
            )
        }
        hasNeeds = !needs.isEmpty
        hasMoreNeeds = page.next != nil
        late = standings.compactMap { standing in
            guard let arrival = standing.arrival, arrival.state != .fresh else { return nil }
            let loaded =
                arrival.lastLoadedAt.map { ", last loaded \(When($0, now: now).age)" } ?? ", never loaded"
            let stopped = arrival.stopped.map { "; file \($0.id) is \($0.state)" } ?? ""
            return Late(
                name: standing.type.name,
                chip: standing.chip,
                text: "expected \(DisplayText(arrival.expected).escaped)\(loaded)\(stopped)"
            )
        }
        troubles = runs.incidents.map { incident in
            let text = IncidentText(kind: incident.kind, subject: incident.subject)
            return Trouble(
                text: text.title,
                remedy: text.remedy(),
                type: incident.kind == "type" ? Catalogue.type(named: incident.subject)?.name : nil,
                since: When(incident.openedAt, now: now)
            )
        }
        isCalm = !hasNeeds && late.isEmpty && troubles.isEmpty
        lastRun = runs.newest.map { RunLine($0, now: now) }
        lastFinished = When(runs.finished?.finishedAt, now: now)
        nextRun = When(next, now: now)
        types = standings.map { standing in
            TypeLine(
                name: standing.type.name,
                chip: standing.arrival == nil ? nil : standing.chip,
                expected: standing.arrival.map { DisplayText($0.expected).escaped },
                loaded: When(standing.applied?.settledAt, now: now),
                file: standing.taken.map { FileLine($0, now: now) }
            )
        }
        hasExpectations = standings.contains { $0.arrival != nil }
        money = (figures?.invoices.currencies ?? []).map { of in
            Money(
                currency: DisplayText(of.currency).escaped,
                openCount: Count.text(of.open.count),
                open: Count.grouped(of.text(of.open)),
                clearedCount: Count.text(of.cleared.count),
                cleared: Count.grouped(of.text(of.cleared))
            )
        }
        hasMoney = !money.isEmpty
        asOf = figures.map { When($0.asOf, now: now) }
        states = FileState.allCases.compactMap { state in
            guard let count = counts[state.rawValue], count > 0 else { return nil }
            return StateLine(
                chip: Chip.file(state.rawValue),
                state: state.rawValue,
                count: Count.text(Int64(count))
            )
        }
        hasStates = !states.isEmpty
        mails = figures.map { figures in
            let mails = figures.activity.mails
            return Mails(
                queued: Count.text(mails.queued),
                dead: Count.text(mails.dead),
                sent: Count.text(mails.sent),
                oldest: When(mails.oldestQueuedAt, now: now),
                hasDead: mails.dead > 0
            )
        }
    }

    static let template = """
        {{#isCalm}}<p class="lead"><span class="chip good">nothing needs you</span></p>{{/isCalm}}
        {{^isCalm}}
        <section aria-labelledby="needs">
        <h2 id="needs">Needs you</h2>
        {{#hasNeeds}}
        <table class="stack named">
        <caption class="hidden">Files that wait for a person</caption>
        <thead><tr><th scope="col">File</th><th scope="col">State</th><th scope="col">Seen</th><th scope="col">What you can do</th></tr></thead>
        <tbody>
        {{#needs}}<tr>{{#file}}<th scope="row"><a href="/files/{{id}}">{{name}}</a> <span class="fine">{{type}}</span></th>
        <td data-label="State"><span class="chip {{chip.kind}}">{{chip.word}}</span>{{#why}} <span class="fine">{{why}}</span>{{/why}}</td>
        <td data-label="Seen">{{#seen}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/seen}}</td>{{/file}}
        <td class="do">{{#canDecide}}<a href="/files/{{file.id}}/release">Release…</a> <a href="/files/{{file.id}}/discard">Discard…</a>{{/canDecide}}\
        {{#hasRejects}}<a href="/files/{{file.id}}/rejects" download>Get its errors<span class="hidden"> of {{file.name}}</span></a>{{/hasRejects}}</td></tr>
        {{/needs}}
        </tbody></table>
        {{/hasNeeds}}
        {{#hasMoreNeeds}}<p><a href="/files?needs=person">All files that need a person</a></p>{{/hasMoreNeeds}}
        <ul class="plain">
        {{#late}}<li><span class="chip {{chip.kind}}">{{chip.word}}</span> <a href="/files?type={{name}}">{{name}}</a> {{text}}</li>
        {{/late}}
        {{#troubles}}<li><span class="chip bad">trouble</span> {{#type}}<a href="/files?type={{type}}">{{text}}</a>{{/type}}{{^type}}{{text}}{{/type}}\
        {{#since}} <span class="fine">since <time datetime="{{iso}}">{{text}}</time></span>{{/since}}{{#remedy}} <span class="fine">{{remedy}}</span>{{/remedy}}</li>
        {{/troubles}}
        </ul>
        </section>
        {{/isCalm}}
        <div class="cards">
        <section class="card" aria-labelledby="last"><h2 id="last">Last run</h2>
        {{#lastRun}}<p><span class="chip {{chip.kind}}">{{chip.word}}</span>{{#why}} {{why}}{{/why}}</p>
        <p>{{#started}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/started}}</p>
        {{#counts}}<p>{{counts}}</p>{{/counts}}<p><a href="/runs">All runs</a></p>{{/lastRun}}
        {{^lastRun}}<p>No run yet.</p>{{/lastRun}}</section>
        <section class="card" aria-labelledby="next"><h2 id="next">Next run</h2>
        {{#nextRun}}<p class="big">{{age}}</p><p><time datetime="{{iso}}">{{text}}</time></p>{{/nextRun}}
        {{#mayDecide}}<form method="post" action="/poll"><input type="hidden" name="token" value="{{frame.token}}">
        <button class="quiet" type="submit">Run now</button></form>{{/mayDecide}}</section>
        {{#mails}}<section class="card" aria-labelledby="mails"><h2 id="mails">Mail</h2>
        <dl class="figures"><dt>waiting</dt><dd>{{queued}}{{#oldest}} <span class="fine">oldest {{age}}</span>{{/oldest}}</dd>
        <dt>given up</dt><dd>{{#hasDead}}<span class="chip bad">{{dead}}</span>{{/hasDead}}{{^hasDead}}{{dead}}{{/hasDead}}</dd>
        <dt>sent</dt><dd>{{sent}}</dd></dl><p><a href="/mails">Mail queue</a></p></section>{{/mails}}
        {{#hasStates}}<section class="card" aria-labelledby="states"><h2 id="states">Files</h2>
        <dl class="figures">{{#states}}<dt><a href="/files?state={{state}}">{{chip.word}}</a></dt><dd>{{count}}</dd>{{/states}}</dl></section>{{/hasStates}}
        </div>
        <table class="stack">
        <caption>Record types</caption>
        <thead><tr><th scope="col">Type</th>{{#hasExpectations}}<th scope="col">Freshness</th>{{/hasExpectations}}<th scope="col">Last loaded</th>\
        <th scope="col">Last file</th><th scope="col" class="num">Rows</th><th scope="col" class="num">Rejected</th></tr></thead>
        <tbody>
        {{#types}}<tr><th scope="row" class="keep"><a href="/files?type={{name}}">{{name}}</a></th>
        {{#hasExpectations}}<td data-label="Freshness">{{#chip}}<span class="chip {{kind}}">{{word}}</span>{{/chip}}{{#expected}} <span class="fine keep">{{expected}}</span>{{/expected}}</td>{{/hasExpectations}}
        <td data-label="Last loaded">{{#loaded}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/loaded}}{{^loaded}}never{{/loaded}}</td>
        {{#file}}<td data-label="Last file"><a href="/files/{{id}}">{{name}}</a> <span class="chip {{chip.kind}}">{{chip.word}}</span></td>
        <td data-label="Rows" class="num short">{{rows}}</td><td data-label="Rejected" class="num short">{{rejected}}</td>{{/file}}
        {{^file}}<td data-label="Last file">none</td><td class="num"></td><td class="num"></td>{{/file}}</tr>
        {{/types}}
        </tbody></table>
        {{#hasMoney}}
        <table class="stack">
        <caption>Invoices by currency</caption>
        <thead><tr><th scope="col">Currency</th><th scope="col" class="num">Open</th><th scope="col" class="num">Open balance</th>\
        <th scope="col" class="num">Cleared</th><th scope="col" class="num">Amounts cleared</th></tr></thead>
        <tbody>
        {{#money}}<tr><th scope="row">{{currency}}</th><td data-label="Open" class="num">{{openCount}}</td>\
        <td data-label="Balance" class="num">{{open}}</td><td data-label="Cleared" class="num">{{clearedCount}}</td>\
        <td data-label="Amounts" class="num">{{cleared}}</td></tr>
        {{/money}}
        </tbody></table>
        {{/hasMoney}}
        {{#asOf}}<p class="fine">Invoices and mail as of <time datetime="{{iso}}">{{text}}</time>, {{age}}.</p>{{/asOf}}
        {{^asOf}}<p class="fine">The figures about invoices and mail are being worked out.</p>{{/asOf}}
        """
}

extension OverviewModel.RunLine {
    init(_ run: RunRow, now: Timestamp) {
        id = run.id
        chip = Chip.run(run.state)
        why = run.reason.map { DisplayText($0.replacing("_", with: " ")).escaped }
        started = When(run.startedAt, now: now)
        counts = run.listed.map { listed in
            let parts = [
                (run.batched, "batched"), (run.waiting, "waiting"), (run.settled, "settled"),
                (run.ignored, "ignored"),
            ].compactMap { number, word in number.flatMap { $0 > 0 ? "\($0) \(word)" : nil } }
            return parts.isEmpty
                ? "nothing lay there" : "\(listed) listed = \(parts.joined(separator: " + "))"
        }
    }
}
