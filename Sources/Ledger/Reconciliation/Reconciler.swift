import GRDB

/// Holds each customer's stated balance against the open items that are stored (`records.md` 5.9).
///
/// All customers at once, in one query on a connection of its own: loads and everything else go on meanwhile. What comes
/// of it is written in small pieces under a new number, and shown in one step when it is whole.
package struct Reconciler: Sendable {
    /// What the comparison depends on beside the rows.
    package struct Settings: Sendable, Equatable {
        /// Whether unapplied payments and credit memos are taken off the open invoices.
        package var isNet: Bool
        /// `unapplied: file`: what is unapplied is what the file says.
        package var unappliedFromFile: Bool
        /// Whether a variance is an incident.
        package var alerts: Bool

        package init(isNet: Bool = true, unappliedFromFile: Bool = false, alerts: Bool = false) {
            self.isNet = isNet
            self.unappliedFromFile = unappliedFromFile
            self.alerts = alerts
        }

        fileprivate var text: String {
            "\(isNet ? "net" : "gross") \(unappliedFromFile ? "file" : "recompute") \(alerts ? "alert" : "quiet")"
        }
    }

    /// How many variances are written in one transaction.
    private static let lot = 2000
    /// What may have changed a row of those that are compared.
    private static let changing: [EventName] = [.fileLoaded, .fileLoadedWithErrors, .rowsHealed]

    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Whether something was loaded since the last comparison, or the settings are others.
    package func isDue(_ settings: Settings) throws -> Bool {
        try ledger.pool.read { db in
            let last = try Row.fetchOne(db, sql: "SELECT through_seq, settings FROM reconciliation")
            if let last, (last["settings"] as String) != settings.text { return true }
            let through: Int64 = last?["through_seq"] ?? 0
            return try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM event WHERE seq > ? AND event IN
                                   (\(Self.changing.map { "'\($0.rawValue)'" }.joined(separator: ", "))))
                    """,
                arguments: [through]
            ) ?? false
        }
    }

    /// Compares all customers, if anything has changed since the last time; blocks.
    ///
    /// - Returns: Whether there was anything to do.
    /// - Throws: ``LedgerFailure/leaseLost`` or `DatabaseError`; then the last comparison stands.
    @discardableResult
    package func reconcile(_ settings: Settings, at time: Timestamp) throws -> Bool {
        guard try isDue(settings) else { return false }
        let number = try ledger.write { db in
            let shown = try Int64.fetchOne(db, sql: "SELECT number FROM reconciliation") ?? 0
            // What an interrupted comparison left.
            try db.execute(sql: "DELETE FROM variance WHERE number <> ?", arguments: [shown])
            return shown + 1
        }
        var tally = Tally()
        let through = try ledger.pool.read { db in
            let through = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
            try compare(settings, in: db, number, &tally)
            return through
        }
        let found = tally
        try ledger.pool.write { [fence = ledger.fence] db in
            try Lease.require(fence, in: db)
            try show(found, number, settings, through: through, at: time, in: db)
        }
        return true
    }

    /// What was counted on the way.
    private struct Tally {
        var customers = 0
        var variances = 0
        var totals: [String: Total] = [:]

        mutating func note(_ variance: Variance) {
            variances += 1
            totals[variance.currency, default: Total()].add(variance.difference, scale: variance.scale)
        }
    }

    private struct Total {
        var customers = 0
        var net: Int128 = 0
        var gross: Int128 = 0
        var scale = 2

        mutating func add(_ difference: Int128, scale: Int) {
            customers += 1
            net += difference
            gross += difference < 0 ? -difference : difference
            self.scale = scale
        }
    }

    private func compare(_ settings: Settings, in db: Database, _ number: Int64, _ tally: inout Tally) throws
    {
        tally.customers = try Int.fetchOne(db, sql: "SELECT count(*) FROM customer") ?? 0
        let rows = try Row.fetchCursor(db, sql: Self.comparison(settings))
        var lot: [Variance] = []
        while let row = try rows.next() {
            guard let variance = Variance(row) else { continue }
            if variance.stated != nil { tally.note(variance) }
            lot.append(variance)
            if lot.count == Self.lot {
                try write(lot, number)
                lot.removeAll(keepingCapacity: true)
            }
        }
        try write(lot, number)
    }

    private func write(_ lot: [Variance], _ number: Int64) throws {
        guard !lot.isEmpty else { return }
        try ledger.write { db in
            let inserting = try db.makeStatement(
                sql: """
                    INSERT INTO variance (number, customer_id, currency, stated, computed, variance)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            )
            for variance in lot { try inserting.execute(arguments: variance.arguments(number)) }
        }
    }

    private func show(
        _ found: Tally,
        _ number: Int64,
        _ settings: Settings,
        through: Int64,
        at time: Timestamp,
        in db: Database
    ) throws {
        let last = try Row.fetchOne(db, sql: "SELECT number, variances, settings FROM reconciliation")
        try db.execute(
            sql: """
                INSERT INTO reconciliation (one, number, at, through_seq, settings, customers, variances)
                VALUES (1, :number, :now, :through, :settings, :customers, :variances)
                ON CONFLICT (one) DO UPDATE SET number = excluded.number, at = excluded.at,
                    through_seq = excluded.through_seq, settings = excluded.settings, customers = excluded.customers,
                    variances = excluded.variances
                """,
            arguments: [
                "number": number, "now": time.text, "through": through, "settings": settings.text,
                "customers": found.customers, "variances": found.variances,
            ]
        )
        try db.execute(sql: "DELETE FROM variance WHERE number <> ?", arguments: [number])
        try db.execute(sql: "DELETE FROM variance_total")
        for (currency, total) in found.totals {
            try db.execute(
                sql: "INSERT INTO variance_total (currency, customers, net, gross) VALUES (?, ?, ?, ?)",
                arguments: [
                    currency, total.customers, Variance.decimal(total.net, total.scale),
                    Variance.decimal(total.gross, total.scale),
                ]
            )
        }
        let before: Int = last?["variances"] ?? 0
        let hasOtherSettings = last.map { ($0["settings"] as String) != settings.text } ?? false
        guard found.variances != before || hasOtherSettings && found.variances > 0 else { return }
        let name: EventName = found.variances == 0 ? .reconciliationBalanced : .reconciliationVariance
        let event = Event(name, ["customers": .integer(Int64(found.variances))])
        try db.append(settings.alerts ? event.with("reason", "variance_alert") : event, at: time)
    }

    /// The sums by customer and currency, as far as they differ from what is stated; each in two parts, since the sum of
    /// many large amounts is more than a number of SQLite holds.
    private static func comparison(_ settings: Settings) -> String {
        func items(_ table: String, _ amount: String, where condition: String = "true") -> String {
            """
            SELECT customer_id, currency, scale, 0 AS owner, \(amount) / 1000000000 AS high,
                   \(amount) % 1000000000 AS low, 0 AS stated FROM \(table) r WHERE \(condition)
            """
        }
        func unapplied(_ lines: String, _ owner: String) -> String {
            let amount = RecordViews.unapplied(
                lines: lines,
                owner: owner,
                fromFile: settings.unappliedFromFile
            )
            return "(-\(amount))"
        }
        var parts = [items("invoice", "balance", where: "status = 'OPEN'")]
        if settings.isNet {
            parts.append(items("payment", unapplied("payment_line", "payment_id")))
            parts.append(items("credit_memo", unapplied("credit_memo_line", "credit_memo_id")))
        }
        // A customer made up for its items has stated nothing.
        parts.append(
            "SELECT customer_id, currency, scale, CASE WHEN stub THEN 2 ELSE 1 END, 0, 0, coalesce(balance, 0) FROM customer"
        )
        return """
            SELECT customer_id, currency, max(scale) AS scale, max(owner) AS owner, sum(high) AS high, sum(low) AS low,
                   sum(stated) AS stated
              FROM (\(parts.joined(separator: "\nUNION ALL\n")))
             GROUP BY customer_id, currency
            HAVING max(owner) < 2 AND sum(high) * 1000000000 + sum(low) <> sum(stated)
            """
    }
}

/// A customer and currency whose items do not come to what is stated.
private struct Variance {
    let customer: String
    let currency: String
    let scale: Int
    /// `nil` for items in another currency than the customer's own.
    let stated: Int128?
    let computed: Int128

    init?(_ row: Row) {
        guard let customer = row["customer_id"] as String?, let currency = row["currency"] as String? else {
            return nil
        }
        self.customer = customer
        self.currency = currency
        scale = row["scale"] ?? 2
        computed = Int128(row["high"] as Int64) * 1_000_000_000 + Int128(row["low"] as Int64)
        stated = (row["owner"] as Int) == 1 ? Int128(row["stated"] as Int64) : nil
    }

    var difference: Int128 { (stated ?? 0) - computed }

    func arguments(_ number: Int64) -> StatementArguments {
        [
            number, customer, currency, stated.map { Self.decimal($0, scale) }, Self.decimal(computed, scale),
            stated == nil ? nil : Self.decimal(difference, scale),
        ]
    }

    /// Exact decimal text of an amount in minor units.
    static func decimal(_ amount: Int128, _ scale: Int) -> String {
        let digits = String(amount.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let sign = amount < 0 ? "-" : ""
        return scale == 0 ? sign + padded : "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }
}
