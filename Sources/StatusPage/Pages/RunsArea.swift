import Ledger

/// `/runs`: what each run listed and took, newest first.
package struct RunsArea: Area {
    private static let length = 50

    let source: PageSource

    package init(_ source: PageSource) { self.source = source }

    package var templates: [String: String] { ["runs-list": Self.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/runs") { [source] visit in
            let before = visit.query.id("before") ?? .max
            if visit.query["before"] != nil, visit.query.id("before") == nil {
                throw Refusal.badRequest("A page begins at the number of a run.")
            }
            let now = visit.now
            let model = try await source.ask { source in
                Model(
                    try PageQueries(source.ledger).runs(before: before, limit: Self.length + 1),
                    isLater: before != .max,
                    now: now
                )
            }
            return visit.page("runs-list", title: "Runs", model)
        }
    }

    struct Line: Sendable {
        let id: Int64
        let trigger: String
        let slot: When?
        let run: OverviewModel.RunLine
        let finished: When?
    }

    struct Model: Sendable {
        let runs: [Line]
        let hasRuns: Bool
        let next: Int64?
        let isLater: Bool

        init(_ all: [RunRow], isLater: Bool, now: Timestamp) {
            let shown = all.prefix(RunsArea.length)
            runs = shown.map { run in
                Line(
                    id: run.id,
                    trigger: run.trigger.replacing("_", with: " "),
                    slot: When(run.slot, now: now),
                    run: OverviewModel.RunLine(run, now: now),
                    finished: When(run.finishedAt, now: now)
                )
            }
            hasRuns = !runs.isEmpty
            next = all.count > RunsArea.length ? shown.last?.id : nil
            self.isLater = isLater
        }
    }

    static let template = """
        <p><a href="/">Overview</a></p>
        {{#hasRuns}}
        <table class="stack">
        <caption>Newest first</caption>
        <thead><tr><th scope="col">Run</th><th scope="col">State</th><th scope="col">Slot</th><th scope="col">Started</th>\
        <th scope="col">What it found</th></tr></thead>
        <tbody>
        {{#runs}}<tr><th scope="row">Run {{id}} <span class="fine">{{trigger}}</span></th>
        <td data-label="State"><span class="chip {{run.chip.kind}}">{{run.chip.word}}</span>{{#run.why}} <span class="fine">{{run.why}}</span>{{/run.why}}</td>
        <td data-label="Slot">{{#slot}}<time datetime="{{iso}}">{{text}}</time>{{/slot}}</td>
        <td data-label="Started">{{#run.started}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/run.started}}</td>
        <td data-label="Found">{{run.counts}}</td></tr>
        {{/runs}}
        </tbody></table>
        {{/hasRuns}}
        {{^hasRuns}}<p class="empty">No run yet. The first begins at the next slot.</p>{{/hasRuns}}
        <nav class="pages" aria-label="Pages of runs">
        {{#isLater}}<a href="/runs">Newest</a>{{/isLater}}
        {{#next}}<a rel="next" href="/runs?before={{next}}">Older runs</a>{{/next}}
        </nav>
        """
}
