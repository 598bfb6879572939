import GRDB
import Receivables

/// The tables of the record types, made from the catalogue and only ever extended.
///
/// Beside the native columns each table has `id`, `file_id` (the file that last changed the row), `custom` where the
/// type keeps custom columns, and the few hidden columns below. Amounts are integers; `scale` says how many of their
/// digits are decimals.
enum RecordTables {
    /// Columns that no file has: what the loader works out for each row.
    static let hidden: [String: [String]] = [
        "customer": [
            "scale INTEGER NOT NULL DEFAULT 2",
            // What the cell says; `parent_id` is set only while that customer is known and no loop is closed.
            "parent_wanted TEXT",
            "parent_cycle INTEGER",
            "stub INTEGER",
        ],
        "invoice": [
            "scale INTEGER NOT NULL DEFAULT 2",
            "status TEXT NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'CLEARED'))",
            "cleared_date TEXT",
        ],
        "contact": [
            // 'c' or 'i' and the id of the customer or invoice.
            "owner TEXT NOT NULL",
            // 'i' and the contact's id, or 'e' and the address in lower case.
            "owner_key TEXT NOT NULL",
            // Where it comes from: 'contacts/email', 'contacts/LABEL_email', or 'product'.
            "source TEXT NOT NULL",
        ],
        "payment": ["scale INTEGER NOT NULL DEFAULT 2", "lines_loaded INTEGER"],
        "payment_line": [
            "scale INTEGER NOT NULL DEFAULT 2",
            // 'a' and the application's id, or 'i' and the invoice's id.
            "owner_key TEXT NOT NULL",
        ],
        "credit_memo": ["scale INTEGER NOT NULL DEFAULT 2", "lines_loaded INTEGER"],
        "credit_memo_line": ["scale INTEGER NOT NULL DEFAULT 2", "owner_key TEXT NOT NULL"],
        "invoice_pdf": [
            "name TEXT NOT NULL UNIQUE",
            // The name without its extension, as it is compared with numbers and ids.
            "stem TEXT NOT NULL",
            "sha256 TEXT NOT NULL",
            "size INTEGER NOT NULL",
            "status TEXT NOT NULL CHECK (status IN ('UNMATCHED', 'LINKED', 'AMBIGUOUS'))",
            "invoice_id TEXT",
        ],
    ]

    private static let indexes = """
        CREATE INDEX IF NOT EXISTS customer_waiting ON customer (parent_wanted)
            WHERE parent_wanted IS NOT NULL AND parent_id IS NULL;
        CREATE INDEX IF NOT EXISTS invoice_cleared ON invoice (file_id) WHERE status = 'CLEARED';
        CREATE INDEX IF NOT EXISTS customer_zeroed ON customer (file_id) WHERE balance = 0;
        -- Of an earlier version: nearly every invoice stood in it.
        DROP INDEX IF EXISTS invoice_open;
        CREATE INDEX IF NOT EXISTS invoice_by_number ON invoice (invoice_number);
        CREATE INDEX IF NOT EXISTS invoice_by_pdf ON invoice (pdf_filename) WHERE pdf_filename IS NOT NULL;
        CREATE INDEX IF NOT EXISTS customer_waiting ON customer (parent_wanted)
            WHERE parent_id IS NULL AND parent_cycle IS NULL AND parent_wanted IS NOT NULL;
        CREATE UNIQUE INDEX IF NOT EXISTS contact_by_owner ON contact (owner, owner_key);
        CREATE UNIQUE INDEX IF NOT EXISTS payment_line_by_owner ON payment_line (payment_id, owner_key);
        CREATE UNIQUE INDEX IF NOT EXISTS credit_memo_line_by_owner ON credit_memo_line (credit_memo_id, owner_key);
        CREATE INDEX IF NOT EXISTS invoice_pdf_unmatched ON invoice_pdf (stem) WHERE status <> 'LINKED';
        """

    /// Makes missing tables, and adds columns that the catalogue has gained.
    static func extend(_ db: Database) throws {
        for type in Catalogue.types {
            let wanted = definitions(of: type)
            if try db.tableExists(type.table) {
                let present = Set(try db.columns(in: type.table).map(\.name))
                for definition in wanted where !present.contains(name(of: definition)) {
                    try db.execute(sql: "ALTER TABLE \(type.table) ADD COLUMN \(definition)")
                }
            } else {
                let columns = (["id INTEGER PRIMARY KEY"] + wanted).joined(separator: ",\n    ")
                try db.execute(sql: "CREATE TABLE \(type.table) (\n    \(columns)\n) STRICT")
            }
        }
        try db.execute(sql: indexes)
        try OwnerManifestTriggers.make(db)
    }

    private static func definitions(of type: RecordType) -> [String] {
        var definitions = type.columns.map { definition(of: $0, in: type) }
        definitions += hidden[type.table] ?? []
        // The columns that a user of the product filled, as |a|b|: a blank in a file does not clear these.
        if type.columns.contains(where: \.keepsUserValue) { definitions.append("entered TEXT") }
        if type.keepsCustomColumns { definitions.append("custom TEXT") }
        definitions.append("file_id INTEGER NOT NULL DEFAULT 0")
        return definitions
    }

    private static func definition(of column: Receivables.Column, in type: RecordType) -> String {
        var text = "\(quoted(column.name)) \(column.format.isInteger ? "INTEGER" : "TEXT")"
        if type.identity == .single(column.name) { text += " NOT NULL UNIQUE" }
        if let reference = type.reference(from: column.name), reference.isEnforced,
            let target = Catalogue.type(named: reference.target), case .single(let key) = target.identity
        {
            text += " REFERENCES \(target.table) (\(key))"
        }
        return text
    }

    private static func name(of definition: String) -> String {
        definition.prefix { $0 != " " }.filter { $0 != "\"" }
    }

    /// Column names come from the catalogue alone, but some are words of SQL.
    static func quoted(_ column: String) -> String { "\"\(column)\"" }
}

extension Reference {
    /// Whether a stored row's reference always names a stored record.
    fileprivate var isEnforced: Bool {
        if case .keep = whenUnknown { false } else { true }
    }
}
