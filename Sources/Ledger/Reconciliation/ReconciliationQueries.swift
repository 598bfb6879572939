import GRDB

/// What the last comparison of balances found, for people and monitoring.
package struct ReconciliationQueries: Sendable {
    /// The last comparison.
    package struct Summary: Sendable, Equatable {
        package var at: String
        package var customers: Int
        /// How many customers' items do not come to their balance.
        package var variances: Int
        package var totals: [Total]
        /// Whether something was loaded since, which is compared when there is time.
        package var isBehind = false
    }

    /// The variances of one currency.
    package struct Total: Sendable, Equatable {
        package var currency: String
        package var customers: Int
        /// The variances added up, exact: what is too much against what is too little.
        package var net: String
        /// Their amounts without signs added up, exact.
        package var gross: String
    }

    /// One customer's items in one currency; amounts are exact decimal text.
    package struct Item: Sendable, Equatable {
        package var customer: String
        package var name: String?
        package var currency: String
        /// `nil` for items in another currency than the customer's own.
        package var stated: String?
        /// What the open items come to.
        package var computed: String
        /// Stated less computed; `nil` where nothing is stated.
        package var variance: String?
    }

    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// - Returns: `nil` while nothing was compared.
    package func summary() throws -> Summary? { try ledger.pool.read { db in try Self.summary(in: db) } }

    /// Whether something was loaded since the last comparison.
    package func isBehind() throws -> Bool { try ledger.pool.read { db in try Reconciler.hasChanged(db) } }

    static func summary(in db: Database) throws -> Summary? {
        guard try db.tableExists("reconciliation"),
            let row = try Row.fetchOne(db, sql: "SELECT at, customers, variances FROM reconciliation")
        else { return nil }
        let totals = try Row.fetchAll(
            db,
            sql: "SELECT currency, customers, net, gross FROM variance_total ORDER BY currency"
        )
        return Summary(
            at: row["at"],
            customers: row["customers"],
            variances: row["variances"],
            totals: totals.map {
                Total(
                    currency: $0["currency"],
                    customers: $0["customers"],
                    net: $0["net"],
                    gross: $0["gross"]
                )
            },
            isBehind: try Reconciler.hasChanged(db)
        )
    }

    /// The customers that do not come out, in the order of their ids.
    ///
    /// - Parameter last: The key of the last one of the page before; `nil` for the first page.
    package func items(after last: (customer: String, currency: String)? = nil, limit: Int) throws -> [Item] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT v.customer_id, c.name, v.currency, v.stated, v.computed, v.variance
                      FROM variance v
                      LEFT JOIN customer c ON c.customer_id = v.customer_id
                     WHERE v.number = (SELECT number FROM reconciliation) AND v.is_shown = 1
                       AND (v.customer_id, v.currency) > (?, ?)
                     ORDER BY v.customer_id, v.currency LIMIT ?
                    """,
                arguments: [last?.customer ?? "", last?.currency ?? "", limit]
            ).map { row in
                Item(
                    customer: row["customer_id"],
                    name: row["name"],
                    currency: row["currency"],
                    stated: row["stated"],
                    computed: row["computed"],
                    variance: row["variance"]
                )
            }
        }
    }
}
