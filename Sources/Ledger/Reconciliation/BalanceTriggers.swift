import GRDB

/// Keeps what a row counted for in the last comparison of balances, whoever it is that changes the row.
///
/// The next comparison then takes off what the changed rows counted for and adds what they count for now, so that its
/// cost is that of the changes. New rows need no trigger: their ids are higher than those of the last comparison, and a
/// first load pays nothing. Before the first comparison, nothing is kept.
enum BalanceTriggers {
    static func make(_ db: Database) throws {
        try makeForColumns(
            db,
            table: "invoice",
            columns: ["customer_id", "currency", "scale", "status", "balance"],
            amount: { "CASE \($0).status WHEN 'OPEN' THEN coalesce(\($0).balance, 0) ELSE 0 END" }
        )
        try makeForColumns(
            db,
            table: "customer",
            columns: ["customer_id", "currency", "scale", "stub", "balance"],
            // A customer made up for its items has stated nothing.
            amount: { "CASE WHEN \($0).stub THEN 0 ELSE -coalesce(\($0).balance, 0) END" }
        )
        for credit in Credit.all { try make(db, credit) }
    }

    /// A payment or credit memo, whose unapplied part counts.
    struct Credit {
        let table: String
        let key: String
        let lines: String

        static let all = [
            Credit(table: "payment", key: "payment_id", lines: "payment_line"),
            Credit(table: "credit_memo", key: "credit_memo_id", lines: "credit_memo_line"),
        ]

        /// What a row `r` counts for.
        func amount(fromFile: Bool) -> String {
            "(-coalesce(\(RecordViews.unapplied(lines: lines, owner: key, fromFile: fromFile)), 0))"
        }
    }

    private static func makeForColumns(
        _ db: Database,
        table: String,
        columns: [String],
        amount: (String) -> String
    ) throws {
        let keep = """
            INSERT INTO reckoned (kind, id, customer_id, currency, scale, by_lines, by_file)
            VALUES ('\(table)', old.id, old.customer_id, old.currency, old.scale, \(amount("old")), \(amount("old")))
            ON CONFLICT DO NOTHING;
            """
        try db.execute(
            sql: """
                CREATE TRIGGER IF NOT EXISTS \(table)_reckoned
                AFTER UPDATE OF \(columns.joined(separator: ", ")) ON \(table)
                WHEN old.id <= (SELECT \(table) FROM reckoning) AND (\(differ(columns)))
                BEGIN
                    \(keep)
                END;
                CREATE TRIGGER IF NOT EXISTS \(table)_reckoned_gone AFTER DELETE ON \(table)
                WHEN old.id <= (SELECT \(table) FROM reckoning)
                BEGIN
                    \(keep)
                END;
                """
        )
    }

    private static func make(_ db: Database, _ credit: Credit) throws {
        let table = credit.table
        // The lines are summed up once: a payment may have very many.
        func keep(where condition: String) -> String {
            """
            INSERT INTO reckoned (kind, id, customer_id, currency, scale, by_lines, by_file)
            SELECT '\(table)', r.id, r.customer_id, r.currency, r.scale,
                   \(credit.amount(fromFile: false)), \(credit.amount(fromFile: true))
              FROM \(table) r
             WHERE \(condition) AND r.id <= (SELECT \(table) FROM reckoning)
               AND NOT EXISTS (SELECT 1 FROM reckoned k WHERE k.kind = '\(table)' AND k.id = r.id)
            ON CONFLICT DO NOTHING;
            """
        }
        let columns = [
            credit.key, "customer_id", "currency", "scale", "amount", "status", "unapplied_amount",
            "lines_loaded",
        ]
        // Before the change: what counted is read from the stored row and its lines.
        try db.execute(
            sql: """
                CREATE TRIGGER IF NOT EXISTS \(table)_reckoned
                BEFORE UPDATE OF \(columns.joined(separator: ", ")) ON \(table)
                WHEN old.id <= (SELECT \(table) FROM reckoning) AND (\(differ(columns)))
                BEGIN
                    \(keep(where: "r.id = old.id"))
                END;
                CREATE TRIGGER IF NOT EXISTS \(table)_reckoned_gone BEFORE DELETE ON \(table)
                WHEN old.id <= (SELECT \(table) FROM reckoning)
                BEGIN
                    \(keep(where: "r.id = old.id"))
                END;
                """
        )
        let changes = [
            ("insert", "INSERT", ["new"]), ("update", "UPDATE OF \(credit.key), amount", ["old", "new"]),
            ("delete", "DELETE", ["old"]),
        ]
        for (name, event, rows) in changes {
            let kept = rows.map { keep(where: "r.\(credit.key) = \($0).\(credit.key)") }
            try db.execute(
                sql: """
                    CREATE TRIGGER IF NOT EXISTS \(credit.lines)_reckoned_\(name) BEFORE \(event) ON \(credit.lines)
                    WHEN (SELECT \(table) FROM reckoning) > 0
                    BEGIN
                        \(kept.joined(separator: "\n"))
                    END;
                    """
            )
        }
    }

    private static func differ(_ columns: [String]) -> String {
        columns.map { "old.\($0) IS NOT new.\($0)" }.joined(separator: " OR ")
    }
}
