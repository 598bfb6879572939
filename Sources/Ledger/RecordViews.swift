import GRDB
import Receivables

/// One view for each record type, with the columns of its page as text that any SQLite tool can read.
///
/// Views are made anew at each start: what they show as default depends on the drop's settings.
enum RecordViews {
    static func recreate(_ db: Database, settings: ViewSettings) throws {
        for type in Catalogue.types {
            try db.execute(sql: "DROP VIEW IF EXISTS \(type.name)")
            try db.execute(sql: "CREATE VIEW \(type.name) AS\n\(select(type, settings))")
        }
    }

    private static func select(_ type: RecordType, _ settings: ViewSettings) -> String {
        guard !type.isFileOfBytes else {
            return "SELECT name, sha256, size, status, invoice_id, file_id FROM \(type.table)"
        }
        var columns = type.columns.map { column in
            "\(expression(of: column, in: type, settings)) AS \(RecordTables.quoted(column.name))"
        }
        columns += extras[type.table] ?? []
        if type.keepsCustomColumns { columns.append("coalesce(r.custom, '{}') AS custom") }
        columns.append("r.file_id")
        return "SELECT \(columns.joined(separator: ",\n       "))\n  FROM \(type.table) r"
    }

    private static let extras: [String: [String]] = [
        "invoice": ["r.status", "r.cleared_date"],
        "contact": ["r.source"],
    ]

    private static func expression(
        of column: Receivables.Column,
        in type: RecordType,
        _ settings: ViewSettings
    ) -> String {
        let stored = "r.\(RecordTables.quoted(column.name))"
        switch (type.table, column.name) {
        case ("contact", "customer_id"):
            return
                "coalesce(r.customer_id, (SELECT i.customer_id FROM invoice i WHERE i.invoice_id = r.invoice_id))"
        case ("payment", "unapplied_amount"):
            return unapplied(lines: "payment_line", owner: "payment_id", settings)
        case ("credit_memo", "unapplied_amount"):
            return unapplied(lines: "credit_memo_line", owner: "credit_memo_id", settings)
        default:
            break
        }
        switch column.format {
        case .money(in: .row, _):
            return money(stored, scale: "r.scale")
        case .money(in: .reporting, _):
            let exponent = settings.reportingCurrency.flatMap { Currency($0)?.exponent } ?? 2
            return fixedMoney(stored, scale: "\(exponent)")
        case .money(in: .invoice, _):
            return fixedMoney(
                stored,
                scale: "coalesce((SELECT i.scale FROM invoice i WHERE i.invoice_id = r.invoice_id), r.scale)"
            )
        case .bool:
            let otherwise =
                if case .value(let value) = column.default { " ELSE \(literal(value))" } else { "" }
            return "CASE \(stored) WHEN 1 THEN 'true' WHEN 0 THEN 'false'\(otherwise) END"
        default:
            return withDefault(stored, column, type, settings)
        }
    }

    /// What the column shows while nothing is stored.
    private static func withDefault(
        _ stored: String,
        _ column: Receivables.Column,
        _ type: RecordType,
        _ settings: ViewSettings
    ) -> String {
        switch column.default {
        case nil:
            return stored
        case .value(let value):
            return "coalesce(\(stored), \(literal(value)))"
        case .column(let other, let suffix):
            let value = "r.\(RecordTables.quoted(other))" + (suffix.isEmpty ? "" : " || \(literal(suffix))")
            return "coalesce(\(stored), \(value))"
        case .owner(let other):
            guard let owner = type.identity.owners.first, let reference = type.reference(from: owner),
                let target = Catalogue.type(named: reference.target)
            else { return stored }
            return "coalesce(\(stored), (SELECT o.\(RecordTables.quoted(other)) FROM \(target.table) o"
                + " WHERE o.\(owner) = r.\(owner)))"
        case .reportingCurrency:
            return settings.reportingCurrency.map { "coalesce(\(stored), \(literal($0)))" } ?? stored
        case .zone:
            return "coalesce(\(stored), \(literal(settings.zone)))"
        }
    }

    /// What is left of a payment or credit: recomputed from its lines once there were any, else as its file says.
    private static func unapplied(lines: String, owner: String, _ settings: ViewSettings) -> String {
        money(unapplied(lines: lines, owner: owner, fromFile: settings.unappliedFromFile), scale: "r.scale")
    }

    /// The same in minor units, of a row `r`.
    static func unapplied(lines: String, owner: String, fromFile: Bool) -> String {
        let sum = "(SELECT coalesce(sum(l.amount), 0) FROM \(lines) l WHERE l.\(owner) = r.\(owner))"
        let recomputed = "max(0, r.amount - \(sum))"
        let stated = "coalesce(r.unapplied_amount, r.amount)"
        let value = fromFile ? "ELSE \(stated)" : "WHEN r.lines_loaded THEN \(recomputed) ELSE \(stated)"
        return "(CASE WHEN r.status IN ('voided', 'returned', 'refunded') THEN 0 \(value) END)"
    }

    /// Exact decimal text of an amount in minor units.
    private static func money(_ value: String, scale: String) -> String {
        "CASE WHEN \(value) IS NULL THEN NULL ELSE CASE \(scale)"
            + " WHEN 2 THEN \(decimal(value, digits: 2)) WHEN 0 THEN printf('%d', \(value))"
            + " WHEN 3 THEN \(decimal(value, digits: 3)) ELSE \(decimal(value, digits: 4)) END END"
    }

    /// Exact decimal text of an amount that is stored with four decimals.
    private static func fixedMoney(_ value: String, scale: String) -> String {
        "CASE WHEN \(value) IS NULL THEN NULL"
            + " WHEN \(scale) = 0 AND \(value) % 10000 = 0 THEN printf('%d', \(value) / 10000)"
            + " WHEN \(scale) <= 2 AND \(value) % 100 = 0 THEN \(decimal("(\(value) / 100)", digits: 2))"
            + " WHEN \(scale) <= 3 AND \(value) % 10 = 0 THEN \(decimal("(\(value) / 10)", digits: 3))"
            + " ELSE \(decimal(value, digits: 4)) END"
    }

    private static func decimal(_ value: String, digits: Int) -> String {
        let unit = "1" + String(repeating: "0", count: digits)
        return "printf('%s%d.%0\(digits)d', CASE WHEN \(value) < 0 THEN '-' ELSE '' END,"
            + " abs(\(value)) / \(unit), abs(\(value)) % \(unit))"
    }

    private static func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }
}
