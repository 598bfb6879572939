import Ledger
import TestSupport
import Testing

/// Stated balances against open items, after real loads.
struct ReconciliationTests {
    private static let customers = "customer_id,name,balance,currency\n"
    private static let invoices =
        "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"
    private static let payments = "payment_id,customer_id,payment_date,amount,currency,payment_method\n"

    private func invoice(_ id: String, _ customer: String, _ balance: String, _ currency: String = "USD")
        -> String
    {
        "\(id),N\(id),\(customer),2025-01-01,2025-02-01,\(balance),\(balance),\(currency)\n"
    }

    private func variances(of drop: LoadingDrop, _ settings: Reconciler.Settings = Reconciler.Settings())
        throws
        -> [String]
    {
        try Reconciler(drop.ledger).reconcile(settings, at: drop.now)
        let view = try drop.query(
            "SELECT customer_id, currency, stated, computed, variance FROM reconciliation_variances ORDER BY 1, 2"
        )
        let items = try ReconciliationQueries(drop.ledger).items(limit: 100)
        #expect(
            items.map {
                "\($0.customer)|\($0.currency)|\($0.stated ?? "-")|\($0.computed)|\($0.variance ?? "-")"
            } == view
        )
        return view
    }

    private func drop() throws -> LoadingDrop {
        let drop = try LoadingDrop()
        try drop.batch(
            LoadingDrop.File(
                "customers_with_open_balances",
                Self.customers + "C1,Acme,60.00,USD\nC2,Beta,5.00,USD\nC3,Gamma,300,JPY\nC4,Delta,7.50,USD\n"
            ),
            LoadingDrop.File(
                "open_invoices",
                Self.invoices + invoice("I1", "C1", "40.00") + invoice("I2", "C1", "60.00")
                    + invoice("I3", "C2", "5.00") + invoice("I4", "C3", "300", "JPY")
                    + invoice("I5", "C2", "9.99", "EUR")
            )
        )
        return drop
    }

    @Test func `a balance comes out when open invoices less unapplied cash and credits make it`() throws {
        let drop = try drop()
        #expect(
            try variances(of: drop) == [
                "C1|USD|60.00|100.00|-40.00", "C2|EUR|-|9.99|-", "C4|USD|7.50|0.00|7.50",
            ]
        )
        try drop.batch(
            LoadingDrop.File("payment_receipts", Self.payments + "P1,C1,2025-01-03,50.00,USD,wire\n"),
            LoadingDrop.File("payment_applications", "payment_id,invoice_id,amount\nP1,I1,20.00\n"),
            LoadingDrop.File(
                "credit_memo_receipts",
                "credit_memo_id,customer_id,credit_memo_date,amount,currency\nM1,C1,2025-01-03,10.00,USD\n"
            )
        )
        #expect(try variances(of: drop) == ["C2|EUR|-|9.99|-", "C4|USD|7.50|0.00|7.50"])
        let gross = try variances(of: drop, Reconciler.Settings(isNet: false))
        #expect(gross.first == "C1|USD|60.00|100.00|-40.00")
    }

    @Test func `totals are exact, by currency, and told as an event when their number changes`() throws {
        let drop = try drop()
        _ = try variances(of: drop)
        let summary = try #require(try ReconciliationQueries(drop.ledger).summary())
        #expect(summary.customers == 4 && summary.variances == 2)
        let totals = summary.totals.map { "\($0.currency) \($0.customers) \($0.net) \($0.gross)" }
        #expect(totals == ["USD 2 -32.50 47.50"])
        let events = "SELECT event, detail FROM events WHERE event LIKE 'reconciliation.%'"
        #expect(try drop.query(events) == ["reconciliation.variance|{\"customers\":2}"])
        // Nothing was loaded since: nothing is compared, nothing told.
        #expect(try Reconciler(drop.ledger).reconcile(Reconciler.Settings(), at: drop.now) == .notDue)
        try drop.batch(
            LoadingDrop.File(
                "customers_with_open_balances",
                Self.customers + "C1,Acme,100.00,USD\nC2,Beta,5.00,USD\nC3,Gamma,300,JPY\n"
            )
        )
        #expect(try variances(of: drop) == ["C2|EUR|-|9.99|-"])
        #expect(try drop.query(events).last == "reconciliation.balanced|{\"customers\":0}")
        // The alert is wanted later: only a variance is news then.
        _ = try variances(of: drop, Reconciler.Settings(alerts: true))
        #expect(try drop.query(events).count == 2)
    }

    @Test func `sums beyond 64 bits are exact`() throws {
        let drop = try LoadingDrop()
        let rows = (1...2000).map { invoice("I\($0)", "C1", "99999999999999.99") }
        try drop.batch(
            LoadingDrop.File("customers_with_open_balances", Self.customers + "C1,Acme,1.00,USD\n"),
            LoadingDrop.File("open_invoices", Self.invoices + rows.joined())
        )
        #expect(
            try variances(of: drop) == ["C1|USD|1.00|199999999999999980.00|-199999999999999979.00"]
        )
    }

    @Test func `pages follow one another without a gap`() throws {
        let drop = try LoadingDrop()
        let rows = (1000..<1025).map { "C\($0),Acme,1.00,USD\n" }
        try drop.batch(LoadingDrop.File("customers_with_open_balances", Self.customers + rows.joined()))
        try Reconciler(drop.ledger).reconcile(Reconciler.Settings(), at: drop.now)
        let queries = ReconciliationQueries(drop.ledger)
        var seen: [String] = []
        var last: (customer: String, currency: String)?
        while case let page = try queries.items(after: last, limit: 7), !page.isEmpty {
            seen += page.map(\.customer)
            last = page.last.map { ($0.customer, $0.currency) }
        }
        #expect(seen == (1000..<1025).map { "C\($0)" })
    }
}
