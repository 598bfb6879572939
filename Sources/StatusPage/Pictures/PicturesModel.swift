import Ledger
import Receivables

/// What the page with the pictures shows.
struct PicturesModel: Sendable {
    /// More currencies than so many are left to the table of the overview.
    private static let currencies = 12

    struct Day: Sendable {
        let day: String
        let files: String
        let troubled: String
        let rows: String
        let rejected: String
    }

    struct Code: Sendable {
        let code: String
        let count: String
    }

    struct Freshness: Sendable {
        let name: String
        let chip: Chip
        let loaded: When?
        let expected: String?
    }

    struct Bucket: Sendable {
        let label: String
        let count: String
        let sum: String
    }

    struct Aging: Sendable {
        let currency: String
        let buckets: [Bucket]
    }

    let asOf: When?
    let days: [Day]
    let codes: [Code]
    let hasCodes: Bool
    let types: [Freshness]
    let agings: [Aging]
    let hasAgings: Bool

    init(_ figures: PageFigures.Snapshot?, _ standings: [TypeStanding], now: Timestamp) {
        asOf = figures.map { When($0.asOf, now: now) }
        days = (figures?.activity.days ?? []).reversed().map { day in
            Day(
                day: day.day,
                files: Count.text(day.files),
                troubled: Count.text(day.troubled),
                rows: Count.text(day.rows),
                rejected: Count.text(day.rejected)
            )
        }
        codes = (figures?.activity.rejects ?? []).map { Code(code: $0.code, count: Count.text($0.count)) }
        hasCodes = !codes.isEmpty
        types = standings.map { standing in
            Freshness(
                name: standing.type.name,
                chip: standing.chip,
                loaded: When(standing.applied?.settledAt, now: now),
                expected: standing.arrival.map { DisplayText($0.expected).escaped }
            )
        }
        agings = (figures?.invoices.currencies ?? []).prefix(Self.currencies).map { of in
            Aging(
                currency: DisplayText(of.currency).escaped,
                buckets: InvoiceFigures.Age.allCases.map { age in
                    let total = of.ages[age.rawValue]
                    return Bucket(
                        label: age.label,
                        count: Count.text(total.count),
                        sum: Count.grouped(of.text(total))
                    )
                }
            )
        }
        hasAgings = !agings.isEmpty
    }

    static func rejects(_ figures: PageFigures.Snapshot?) -> RowsPicture {
        let codes = figures?.activity.rejects ?? []
        return RowsPicture(
            title: "Rejected rows by reason",
            description: codes.isEmpty
                ? "No row was rejected in \(PageFigures.days) days."
                : "The most frequent of \(codes.count) reasons is \(codes[0].code) with \(codes[0].count). "
                    + "The table below the picture has all of them.",
            bars: codes.prefix(12).map {
                RowsPicture.Bar(
                    label: $0.code,
                    size: Double($0.count),
                    figure: Count.text($0.count),
                    ink: .trouble
                )
            },
            nothing: "no rejected rows in \(PageFigures.days) days"
        )
    }

    static func freshness(_ standings: [TypeStanding], now: Timestamp) -> RowsPicture {
        RowsPicture(
            title: "Time since each record type was last loaded",
            description: standings.map { standing in
                "\(standing.type.name): \(standing.age(now: now).map { Shown.duration(milliseconds: $0) } ?? "never loaded")"
            }.joined(separator: "; ") + ".",
            bars: standings.map { standing in
                let age = standing.age(now: now)
                let word = standing.arrival.map { ", \($0.state.rawValue)" } ?? ""
                let isLate = standing.arrival.map { $0.state != .fresh } ?? false
                return RowsPicture.Bar(
                    label: standing.type.name,
                    size: Double(age ?? 0),
                    figure: (age.map { Shown.duration(milliseconds: $0) } ?? "never loaded") + word,
                    ink: isLate ? .trouble : .accent
                )
            }
        )
    }

    static func aging(_ of: InvoiceFigures.OfCurrency) -> RowsPicture {
        let bars = InvoiceFigures.Age.allCases.map { age in
            let total = of.ages[age.rawValue]
            return RowsPicture.Bar(
                label: age.label,
                // Only the length of a bar; the figures beside it are exact.
                size: Double(total.sum),
                figure: "\(Count.grouped(of.text(total))) (\(Count.text(total.count)))",
                ink: age == .notDue ? .accent : age == .over90 ? .trouble : .quiet
            )
        }
        return RowsPicture(
            title: "Open invoices in \(of.currency) by age",
            description: bars.map { "\($0.label): \($0.figure)" }.joined(separator: "; ") + ".",
            bars: bars
        )
    }

    static let template = """
        {{#asOf}}<p class="fine">As of <time datetime="{{iso}}">{{text}}</time>, {{age}}.</p>{{/asOf}}
        {{^asOf}}<p class="lead">The figures are being worked out. Load this page again in a moment.</p>{{/asOf}}
        {{#asOf}}
        <section aria-labelledby="p-days"><h2 id="p-days">Files and rows per day</h2>
        <picture class="picture"><source media="(max-width: 40rem)" srcset="/pictures/days.svg?width=narrow">\
        <img src="/pictures/days.svg" width="760" height="320" alt="Files and rows per day; the table below has the figures"></picture>
        <details><summary>The figures</summary><table class="stack"><caption>Files and rows per day, newest first</caption>
        <thead><tr><th scope="col">Day</th><th scope="col" class="num">Files</th><th scope="col" class="num">With trouble</th>\
        <th scope="col" class="num">Rows</th><th scope="col" class="num">Rejected</th></tr></thead>
        <tbody>{{#days}}<tr><th scope="row">{{day}}</th><td data-label="Files" class="num short">{{files}}</td>\
        <td data-label="With trouble" class="num short">{{troubled}}</td><td data-label="Rows" class="num short">{{rows}}</td>\
        <td data-label="Rejected" class="num short">{{rejected}}</td></tr>
        {{/days}}</tbody></table></details></section>
        <section aria-labelledby="p-rejects"><h2 id="p-rejects">Rejected rows by reason</h2>
        <picture class="picture"><source media="(max-width: 40rem)" srcset="/pictures/rejects.svg?width=narrow">\
        <img src="/pictures/rejects.svg" alt="Rejected rows by reason in 30 days"></picture>
        {{#hasCodes}}<details><summary>The figures</summary><table><caption>Errors in the files of 30 days</caption>
        <thead><tr><th scope="col">Reason</th><th scope="col" class="num">How often</th></tr></thead>
        <tbody>{{#codes}}<tr><th scope="row" class="mono">{{code}}</th><td class="num">{{count}}</td></tr>
        {{/codes}}</tbody></table></details>{{/hasCodes}}</section>
        {{/asOf}}
        <section aria-labelledby="p-fresh"><h2 id="p-fresh">Freshness</h2>
        <picture class="picture"><source media="(max-width: 40rem)" srcset="/pictures/freshness.svg?width=narrow">\
        <img src="/pictures/freshness.svg" alt="Time since each record type was last loaded"></picture>
        <details><summary>The figures</summary><table class="stack"><caption>When each type was last loaded</caption>
        <thead><tr><th scope="col">Type</th><th scope="col">State</th><th scope="col">Last loaded</th></tr></thead>
        <tbody>{{#types}}<tr><th scope="row">{{name}}</th><td data-label="State"><span class="chip {{chip.kind}}">{{chip.word}}</span>\
        {{#expected}} <span class="fine">{{expected}}</span>{{/expected}}</td>
        <td data-label="Last loaded">{{#loaded}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/loaded}}\
        {{^loaded}}never{{/loaded}}</td></tr>
        {{/types}}</tbody></table></details></section>
        {{#hasAgings}}<section aria-labelledby="p-aging"><h2 id="p-aging">Open invoices by age</h2>
        {{#agings}}
        <h3>{{currency}}</h3>
        <picture class="picture"><source media="(max-width: 40rem)" srcset="/pictures/aging/{{currency}}.svg?width=narrow">\
        <img src="/pictures/aging/{{currency}}.svg" alt="Open invoices in {{currency}} by age"></picture>
        <details><summary>The figures</summary><table class="stack"><caption>Open invoices in {{currency}}</caption>
        <thead><tr><th scope="col">Overdue</th><th scope="col" class="num">Invoices</th><th scope="col" class="num">Balance</th></tr></thead>
        <tbody>{{#buckets}}<tr><th scope="row">{{label}}</th><td data-label="Invoices" class="num short">{{count}}</td>\
        <td data-label="Balance" class="num short">{{sum}}</td></tr>
        {{/buckets}}</tbody></table></details>
        {{/agings}}</section>{{/hasAgings}}
        """
}
