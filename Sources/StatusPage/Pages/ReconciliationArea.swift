package import Ledger

/// Whose open items do not come to the stated balance.
package struct ReconciliationArea: Area {
    private static let page = 50

    private let queries: ReconciliationQueries

    package init(ledger: Ledger) { queries = ReconciliationQueries(ledger) }

    package var entry: NavigationEntry? { NavigationEntry("Balances", path: "/reconciliation") }

    package var templates: [String: String] { ["reconciliation": Self.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/reconciliation") { [queries] visit in
            guard let summary = try queries.summary() else {
                return visit.page("reconciliation", title: "Balances", ReconciliationModel())
            }
            let last = visit.query.key()
            let items = try queries.items(after: last, limit: Self.page + 1)
            return visit.page(
                "reconciliation",
                title: "Balances",
                ReconciliationModel(summary, Array(items.prefix(Self.page)), hasMore: items.count > Self.page)
            )
        }
    }

    private static let template = """
        <p>Each customer's open invoices, less cash and credits that are not applied yet, against the balance that the customer file states.</p>
        {{^summary}}<p>Nothing was compared yet; it is done once something was loaded.</p>{{/summary}}
        {{#summary}}
        <p class="lead"><span class="chip {{kind}}">{{word}}</span> {{sentence}}</p>
        <p class="fine">As of <time>{{at}}</time>.</p>
        {{#behind}}<p class="fine">Something was loaded since; it is compared as soon as the run is over.</p>{{/behind}}
        {{#hasTotals}}
        <table class="stack">
        <caption>By currency</caption>
        <thead><tr><th scope="col">Currency</th><th scope="col" class="num">Customers</th><th scope="col" class="num">Variance, net</th><th scope="col" class="num">Variance, gross</th></tr></thead>
        <tbody>
        {{#totals}}<tr><th scope="row">{{currency}}</th><td data-label="Customers" class="num">{{customers}}</td><td data-label="Net" class="num">{{net}}</td><td data-label="Gross" class="num">{{gross}}</td></tr>{{/totals}}
        </tbody></table>
        {{/hasTotals}}
        {{#hasItems}}
        <table class="stack">
        <caption>Customers whose balance does not match</caption>
        <thead><tr><th scope="col">Customer</th><th scope="col">Name</th><th scope="col">Currency</th><th scope="col" class="num">Stated</th><th scope="col" class="num">Open items</th><th scope="col" class="num">Variance</th></tr></thead>
        <tbody>
        {{#items}}<tr><th scope="row" class="mono">{{customer}}</th><td data-label="Name">{{name}}</td><td data-label="Currency">{{currency}}</td><td data-label="Stated" class="num">{{stated}}</td><td data-label="Open items" class="num">{{computed}}</td><td data-label="Variance" class="num">{{variance}}</td></tr>{{/items}}
        </tbody></table>
        <p class="fine">Items in another currency than the customer's own have no stated balance; nothing is converted.</p>
        {{/hasItems}}
        {{#next}}<nav class="pages" aria-label="Pages"><a href="/reconciliation">First page</a><a href="/reconciliation?after={{next}}&amp;currency={{nextCurrency}}" rel="next">Next page</a></nav>{{/next}}
        {{/summary}}
        """
}

extension Fields {
    /// The last customer of the page before.
    fileprivate func key() -> (customer: String, currency: String)? {
        guard let customer = self["after"], let currency = self["currency"] else { return nil }
        return (customer, currency)
    }
}

/// What the page shows.
private struct ReconciliationModel: Sendable {
    struct Summary: Sendable {
        let kind: String
        let word: String
        let sentence: String
        let at: String
        let behind: Bool
        let totals: [Total]
        let hasTotals: Bool
        let items: [Item]
        let hasItems: Bool
        /// The key behind which the next page begins, escaped for an address.
        let next: String?
        let nextCurrency: String
    }

    struct Total: Sendable {
        let currency: String
        let customers: Int
        let net: String
        let gross: String

        init(_ found: ReconciliationQueries.Total) {
            currency = found.currency
            customers = found.customers
            net = Count.grouped(found.net)
            gross = Count.grouped(found.gross)
        }
    }

    struct Item: Sendable {
        let customer: String
        let name: String
        let currency: String
        let stated: String
        let computed: String
        let variance: String
    }

    var summary: Summary?

    init() {}

    init(_ found: ReconciliationQueries.Summary, _ items: [ReconciliationQueries.Item], hasMore: Bool) {
        let isEven = found.variances == 0
        summary = Summary(
            kind: isEven ? "good" : "warn",
            word: isEven
                ? "all match" : found.variances == 1 ? "1 does not match" : "\(found.variances) do not match",
            sentence:
                "\(found.customers == 1 ? "1 customer was" : "\(found.customers) customers were") compared.",
            at: found.at.prefix(19).replacing("T", with: " ") + "Z",
            behind: found.isBehind,
            totals: found.totals.map(Total.init),
            hasTotals: !found.totals.isEmpty,
            items: items.map { item in
                Item(
                    customer: DisplayText(item.customer).escaped,
                    name: DisplayText(item.name ?? "").escaped,
                    currency: item.currency,
                    stated: item.stated.map(Count.grouped) ?? "–",
                    computed: Count.grouped(item.computed),
                    variance: item.variance.map(Count.grouped) ?? "–"
                )
            },
            hasItems: !items.isEmpty,
            next: hasMore ? items.last.map { Self.escaped($0.customer) } : nil,
            nextCurrency: items.last.map { Self.escaped($0.currency) } ?? ""
        )
    }

    /// Percent signs for all but letters and digits.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(decoding: [byte], as: UTF8.self)
            default: (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
