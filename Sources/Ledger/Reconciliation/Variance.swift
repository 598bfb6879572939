import GRDB

/// A customer's items in one currency that do not come to what is stated.
struct Variance {
    let customer: String
    let currency: String
    let scale: Int
    /// What the items come to, less what is stated; in minor units.
    let excess: Int128
    /// `nil` for items in another currency than the customer's own.
    let stated: Int128?
    /// Whether it is of a customer made up for its items, who has stated nothing: known, but not shown.
    let isStub: Bool

    /// - Returns: `nil` for items without a customer or currency, which cannot be compared.
    init?(_ row: Row) {
        guard let customer = row["customer_id"] as String?, let currency = row["currency"] as String? else {
            return nil
        }
        self.customer = customer
        self.currency = currency
        scale = row["scale"] ?? 2
        excess = Self.whole(row["high"] ?? 0, row["low"] ?? 0)
        let isOwn = (row["owns"] as Int?) == 1
        isStub = isOwn && (row["stub"] as Int? ?? 0) != 0
        stated = isOwn && !isStub ? Int128(row["balance"] as Int64? ?? 0) : nil
    }

    /// Whether it counts as a customer who does not come out.
    var counts: Bool { stated != nil && excess != 0 }

    func arguments(_ number: Int64) -> StatementArguments {
        let computed = excess + (stated ?? 0)
        return [
            number, isStub ? 0 : 1, customer, currency, scale, Int64(excess / 1_000_000_000),
            Int64(excess % 1_000_000_000), stated.map { Self.decimal($0, scale) },
            Self.decimal(computed, scale),
            stated == nil ? nil : Self.decimal(-excess, scale),
        ]
    }

    /// An amount from its two parts: the sum of many is more than a number of SQLite holds.
    static func whole(_ high: Int64, _ low: Int64) -> Int128 { Int128(high) * 1_000_000_000 + Int128(low) }

    /// Exact decimal text of an amount in minor units.
    static func decimal(_ amount: Int128, _ scale: Int) -> String {
        let digits = String(amount.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let sign = amount < 0 ? "-" : ""
        return scale == 0 ? sign + padded : "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }
}

/// How many customers do not come out, and by how much in each currency.
struct VarianceTally {
    private struct Total {
        var customers = 0
        var net: Int128 = 0
        var gross: Int128 = 0
        var scale = 2
    }

    private(set) var variances = 0
    private var totals: [String: Total] = [:]

    init() {}

    /// What was stored with the last comparison.
    init(stored db: Database) throws {
        variances = try Int.fetchOne(db, sql: "SELECT variances FROM reconciliation") ?? 0
        let rows = try Row.fetchAll(db, sql: "SELECT currency, customers, net, gross FROM variance_total")
        for row in rows {
            let net: String = row["net"]
            var total = Total()
            total.customers = row["customers"]
            total.net = Int128(net.filter { $0 != "." }) ?? 0
            total.gross = Int128((row["gross"] as String).filter { $0 != "." }) ?? 0
            total.scale = net.firstIndex(of: ".").map { net.distance(from: $0, to: net.endIndex) - 1 } ?? 0
            totals[row["currency"]] = total
        }
    }

    mutating func add(_ variance: Variance) {
        guard variance.counts else { return }
        count(variance.currency, variance.scale, variance.excess, 1)
    }

    /// Takes off what a shown variance was.
    mutating func remove(currency: String, scale: Int, excess: Int128) { count(currency, scale, excess, -1) }

    private mutating func count(_ currency: String, _ scale: Int, _ excess: Int128, _ sign: Int) {
        variances += sign
        var total = totals[currency] ?? Total()
        total.customers += sign
        total.net -= Int128(sign) * excess
        total.gross += Int128(sign) * (excess < 0 ? -excess : excess)
        total.scale = scale
        totals[currency] = total.customers == 0 ? nil : total
    }

    func write(in db: Database) throws {
        try db.execute(sql: "DELETE FROM variance_total")
        for (currency, total) in totals {
            try db.execute(
                sql: "INSERT INTO variance_total (currency, customers, net, gross) VALUES (?, ?, ?, ?)",
                arguments: [
                    currency, total.customers, Variance.decimal(total.net, total.scale),
                    Variance.decimal(total.gross, total.scale),
                ]
            )
        }
    }
}
