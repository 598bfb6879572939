/// What rows count for against the stated balances, by customer and currency, as SQL.
///
/// Amounts come in two parts, billions and the rest, since the sum of many is more than a number of SQLite holds.
struct BalanceSums {
    let settings: Reconciler.Settings

    /// The tables whose rows count, under the names that `reckoning` and `reckoned` have for them.
    private var tables: [(name: String, amount: String)] {
        var tables = [
            ("invoice", "CASE r.status WHEN 'OPEN' THEN coalesce(r.balance, 0) ELSE 0 END"),
            // A customer made up for its items has stated nothing.
            ("customer", "CASE WHEN r.stub THEN 0 ELSE -coalesce(r.balance, 0) END"),
        ]
        if settings.isNet {
            tables += BalanceTriggers.Credit.all.map {
                ($0.table, $0.amount(fromFile: settings.unappliedFromFile))
            }
        }
        return tables
    }

    /// All that do not come to what is stated.
    var all: String {
        let parts = tables.map { "SELECT \(Self.columns($0.amount)) FROM \($0.name) r" }
        return Self.compared(
            """
            SELECT customer_id, currency, max(scale) AS scale, sum(high) AS high, sum(low) AS low
              FROM (\(parts.joined(separator: "\nUNION ALL\n")))
             GROUP BY customer_id, currency
            HAVING sum(high) * 1000000000 + sum(low) <> 0
            """
        )
    }

    /// What the changes since the last comparison come to, with what was known of the same customers added; `:number`
    /// is the comparison's.
    var changed: String {
        let kinds = tables.map { "'\($0.name)'" }.joined(separator: ", ")
        let amount = settings.unappliedFromFile ? "by_file" : "by_lines"
        var parts = ["SELECT \(Self.columns("-r.\(amount)")) FROM reckoned r WHERE r.kind IN (\(kinds))"]
        for (name, amount) in tables {
            parts.append(
                """
                SELECT \(Self.columns(amount)) FROM reckoned k CROSS JOIN \(name) r ON r.id = k.id
                 WHERE k.kind = '\(name)'
                """
            )
            parts.append(
                "SELECT \(Self.columns(amount)) FROM \(name) r WHERE r.id > (SELECT \(name) FROM reckoning)"
            )
        }
        return Self.compared(
            """
            SELECT s.customer_id, s.currency, max(s.scale, coalesce(v.scale, 0)) AS scale,
                   s.high + coalesce(v.high, 0) AS high, s.low + coalesce(v.low, 0) AS low,
                   v.is_shown, v.scale AS old_scale, v.high AS old_high, v.low AS old_low,
                   v.stated IS NOT NULL AS was_stated
              FROM (SELECT customer_id, currency, max(scale) AS scale, sum(high) AS high, sum(low) AS low
                      FROM (\(parts.joined(separator: "\nUNION ALL\n")))
                     WHERE customer_id IS NOT NULL AND currency IS NOT NULL
                     GROUP BY customer_id, currency) s
              LEFT JOIN variance v ON v.number = :number AND v.is_shown IN (0, 1)
                                  AND v.customer_id = s.customer_id AND v.currency = s.currency
            """
        )
    }

    private static func columns(_ amount: String) -> String {
        """
        r.customer_id AS customer_id, r.currency AS currency, r.scale AS scale,
        (\(amount)) / 1000000000 AS high, (\(amount)) % 1000000000 AS low
        """
    }

    private static func compared(_ sums: String) -> String {
        """
        SELECT g.*, c.currency = g.currency AS owns, c.stub, c.balance
          FROM (\(sums)) g LEFT JOIN customer c ON c.customer_id = g.customer_id
        """
    }
}
