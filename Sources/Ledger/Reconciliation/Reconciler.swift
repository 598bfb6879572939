import GRDB

/// Holds each customer's stated balance against the open items that are stored (`records.md` 5.9).
///
/// As a rule only what has changed since the last comparison is looked at, in one transaction. The first time, with other
/// settings, and after a load that changed most rows, all customers are compared in one query on a connection of its own,
/// while everything else goes on; what comes of it is written in small pieces under a new number, and shown in one step
/// when it is whole. ``BalanceTriggers`` keep what is needed from the moment at which that query began.
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

        /// What the sums depend on.
        fileprivate var sums: String {
            "\(isNet ? "net" : "gross") \(unappliedFromFile ? "file" : "recompute")"
        }

        fileprivate var text: String { "\(sums) \(alerts ? "alert" : "quiet")" }
    }

    /// What a comparison came to.
    package enum Outcome: Sendable {
        /// Nothing was loaded since the last one.
        case notDue
        /// What has changed was compared.
        case changes
        /// All customers were compared.
        case all
        /// More has changed than may be looked at now, or it was told to stop; it stays due.
        case left
    }

    /// How many variances are written in one transaction.
    private static let lot = 2000
    /// What may have changed a row of those that are compared.
    private static let changing: [EventName] = [.fileLoaded, .fileLoadedWithErrors, .rowsHealed]
    private static let tables = ["customer", "invoice", "payment", "credit_memo"]

    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Whether something was loaded since the last comparison, or the settings are others.
    package func isDue(_ settings: Settings) throws -> Bool {
        try ledger.pool.read { db in
            let last = try String.fetchOne(db, sql: "SELECT settings FROM reconciliation")
            if let last, last != settings.text { return true }
            return try Self.hasChanged(db)
        }
    }

    /// Whether something was loaded since the last comparison.
    static func hasChanged(_ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM event
                                WHERE seq > coalesce((SELECT through_seq FROM reconciliation), 0) AND event IN
                                      (\(changing.map { "'\($0.rawValue)'" }.joined(separator: ", "))))
                """
        ) ?? false
    }

    /// Compares what has changed since the last time, if anything has; blocks.
    ///
    /// - Parameters:
    ///   - limit: How many rows may be looked at; `nil` for all.
    ///   - isWhole: Compares all customers, whatever has changed.
    ///   - shouldStop: Asked now and then.
    /// - Throws: ``LedgerFailure/leaseLost`` or `DatabaseError`; then the last comparison stands.
    @discardableResult
    package func reconcile(
        _ settings: Settings,
        at time: Timestamp,
        upTo limit: Int? = nil,
        isWhole: Bool = false,
        shouldStop: () -> Bool = { false }
    ) throws -> Outcome {
        guard try isWhole || isDue(settings) else { return .notDue }
        let work = try ledger.pool.read { db in try Work(db, settings) }
        if !isWhole, let changes = work.changes, changes <= work.rows / 4 {
            if let limit, changes > limit { return .left }
            try ledger.write { db in try compareChanges(settings, at: time, in: db) }
            return .changes
        }
        if let limit, work.rows > limit { return .left }
        return try compareAll(settings, at: time, shouldStop) ? .all : .left
    }

    /// What there is to look at.
    private struct Work {
        /// How many rows there are at most.
        var rows: Int
        /// How many have changed since the last comparison; `nil` if that does not help.
        var changes: Int?

        init(_ db: Database, _ settings: Settings) throws {
            rows = try Int.fetchOne(db, sql: "SELECT \(Reconciler.marks(" + "))") ?? 0
            let last = try String.fetchOne(
                db,
                sql: "SELECT settings FROM reconciliation JOIN reckoning USING (number)"
            )
            guard let last, last.hasPrefix(settings.sums + " ") else { return }
            changes = try Reconciler.changes(db)
        }
    }

    /// The highest ids of the tables.
    private static func marks(_ separator: String) -> String {
        tables.map { "coalesce((SELECT max(id) FROM \($0)), 0)" }.joined(separator: separator)
    }

    /// How many rows have changed since changes are kept.
    private static func changes(_ db: Database) throws -> Int? {
        try Int.fetchOne(
            db,
            sql: """
                SELECT max(0, \(marks(" + ")) - (SELECT \(tables.joined(separator: " + ")) FROM reckoning))
                       + (SELECT count(*) FROM reckoned)
                """
        )
    }

    private func compareChanges(_ settings: Settings, at time: Timestamp, in db: Database) throws {
        guard let number = try Int64.fetchOne(db, sql: "SELECT number FROM reconciliation") else { return }
        var tally = try VarianceTally(stored: db)
        let customers = try Int.fetchOne(
            db,
            sql: """
                SELECT (SELECT customers FROM reconciliation)
                       + (SELECT count(*) FROM customer WHERE id > (SELECT customer FROM reckoning))
                       - (SELECT count(*) FROM reckoned k WHERE k.kind = 'customer'
                           AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = k.id))
                """
        )
        let removing = try db.makeStatement(
            sql: "DELETE FROM variance WHERE number = ? AND is_shown = ? AND customer_id = ? AND currency = ?"
        )
        let inserting = try Self.inserting(db)
        let sums = try db.makeStatement(sql: BalanceSums(settings: settings).changed)
        // Read to the end first: what is written below would be met again by a query that is still under way.
        let changes = try Array(
            Row.fetchCursor(sums, arguments: ["number": number]).compactMap { row in Change(row) }
        )
        for change in changes {
            let variance = change.variance
            if let old = change.old {
                try removing.execute(
                    arguments: [number, old.isShown ? 1 : 0, variance.customer, variance.currency]
                )
                if old.counts {
                    tally.remove(currency: variance.currency, scale: old.scale, excess: old.excess)
                }
            }
            if variance.excess != 0 {
                try inserting.execute(arguments: variance.arguments(number))
                tally.add(variance)
            }
        }
        let through = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
        try begin(number, in: db)
        try show(tally, number, settings, customers: customers ?? 0, through: through, at: time, in: db)
    }

    /// What a customer's items in a currency come to now, and what was stored of them.
    private struct Change {
        struct Old {
            let isShown: Bool
            let scale: Int
            let excess: Int128
            /// Whether it was counted among the variances.
            let counts: Bool
        }

        let variance: Variance
        let old: Old?

        init?(_ row: Row) {
            guard let variance = Variance(row) else { return nil }
            self.variance = variance
            old = (row["is_shown"] as Int?).map { isShown in
                Old(
                    isShown: isShown == 1,
                    scale: row["old_scale"],
                    excess: Variance.whole(row["old_high"], row["old_low"]),
                    counts: isShown == 1 && (row["was_stated"] as Int) == 1
                )
            }
        }
    }

    /// From now on what changes is kept.
    private func begin(_ number: Int64, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO reckoning (one, number, \(Self.tables.joined(separator: ", ")))
                SELECT 1, ?, \(Self.marks(", "))
                """,
            arguments: [number]
        )
        try db.execute(sql: "DELETE FROM reckoned")
    }

    /// - Returns: Whether it came to its end.
    private func compareAll(_ settings: Settings, at time: Timestamp, _ shouldStop: () -> Bool) throws -> Bool
    {
        let number = try ledger.write { db in
            let shown = try Int64.fetchOne(db, sql: "SELECT number FROM reconciliation") ?? 0
            // What an interrupted comparison left.
            try db.execute(sql: "DELETE FROM variance WHERE number <> ?", arguments: [shown])
            try begin(shown + 1, in: db)
            return shown + 1
        }
        var tally = VarianceTally()
        var customers = 0
        let through: Int64? = try ledger.pool.read { db in
            // What came in between would count twice: once in the sums, once as a change.
            guard try Self.changes(db) == 0 else { return nil }
            customers = try Int.fetchOne(db, sql: "SELECT count(*) FROM customer") ?? 0
            let through = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
            return try compare(settings, in: db, number, &tally, shouldStop) ? through : nil
        }
        guard let through else { return false }
        let (found, count) = (tally, customers)
        try ledger.write { db in
            try show(found, number, settings, customers: count, through: through, at: time, in: db)
        }
        return true
    }

    private func compare(
        _ settings: Settings,
        in db: Database,
        _ number: Int64,
        _ tally: inout VarianceTally,
        _ shouldStop: () -> Bool
    ) throws -> Bool {
        let rows = try Row.fetchCursor(db, sql: BalanceSums(settings: settings).all)
        var lot: [Variance] = []
        while let row = try rows.next() {
            guard let variance = Variance(row) else { continue }
            tally.add(variance)
            lot.append(variance)
            if lot.count == Self.lot {
                if shouldStop() { return false }
                try write(lot, number)
                lot.removeAll(keepingCapacity: true)
            }
        }
        try write(lot, number)
        return true
    }

    private func write(_ lot: [Variance], _ number: Int64) throws {
        guard !lot.isEmpty else { return }
        try ledger.write { db in
            let inserting = try Self.inserting(db)
            for variance in lot { try inserting.execute(arguments: variance.arguments(number)) }
        }
    }

    private static func inserting(_ db: Database) throws -> Statement {
        try db.makeStatement(
            sql: """
                INSERT INTO variance (number, is_shown, customer_id, currency, scale, high, low, stated, computed, variance)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
    }

    private func show(
        _ found: VarianceTally,
        _ number: Int64,
        _ settings: Settings,
        customers: Int,
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
                "customers": customers, "variances": found.variances,
            ]
        )
        try db.execute(sql: "DELETE FROM variance WHERE number <> ?", arguments: [number])
        try found.write(in: db)
        let before: Int = last?["variances"] ?? 0
        let hasOtherSettings = last.map { ($0["settings"] as String) != settings.text } ?? false
        guard found.variances != before || hasOtherSettings && found.variances > 0 else { return }
        let name: EventName = found.variances == 0 ? .reconciliationBalanced : .reconciliationVariance
        let event = Event(name, ["customers": .integer(Int64(found.variances))])
        try db.append(settings.alerts ? event.with("reason", "variance_alert") : event, at: time)
    }
}
