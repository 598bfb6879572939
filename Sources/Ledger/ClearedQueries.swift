import GRDB
import Receivables

/// A record that a file closed by not naming it, or by saying that nothing is open.
package struct ClearedRecord: Sendable, Equatable {
    /// Where the next page begins.
    package var row: Int64
    /// The invoice's or the customer's id.
    package var id: String
    /// The printed number of the invoice, or the name of the customer.
    package var label: String?
    /// Whose invoice it is.
    package var customer: String?
    /// The invoice's amount as exact decimal text.
    package var amount: String?
    package var currency: String?
    /// The day on which the invoice was cleared.
    package var day: String?
}

/// What files cleared or zeroed, as far as nothing has changed it since.
package struct ClearedQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The cleared invoices, or for a file of customers those without a balance, that the file was the last to change.
    ///
    /// They come in the order in which they were made, at most `limit` of them, from behind the record `after` on.
    ///
    /// - Throws: `DatabaseError`.
    package func records(of file: FileRow, after: Int64 = 0, limit: Int) throws -> [ClearedRecord] {
        let sql: String
        switch file.type {
        case RecordType.openInvoices.name:
            sql = """
                SELECT id, invoice_id AS key, invoice_number AS label, customer_id AS customer, amount, scale, currency,
                       cleared_date AS day
                  FROM invoice WHERE status = 'CLEARED' AND file_id = ? AND id > ? ORDER BY id LIMIT ?
                """
        case RecordType.customersWithOpenBalances.name:
            sql = """
                SELECT id, customer_id AS key, name AS label, NULL AS customer, NULL AS amount, scale, currency, NULL AS day
                  FROM customer WHERE balance = 0 AND file_id = ? AND id > ? ORDER BY id LIMIT ?
                """
        default:
            return []
        }
        return try ledger.pool.read { db in
            try Row.fetchAll(db, sql: sql, arguments: [file.id, after, limit]).map { row in
                let amount: Int64? = row["amount"]
                let scale: Int = row["scale"]
                return ClearedRecord(
                    row: row["id"],
                    id: row["key"],
                    label: row["label"],
                    customer: row["customer"],
                    amount: amount.map { Amount.text($0, scale: scale) },
                    currency: row["currency"],
                    day: row["day"]
                )
            }
        }
    }
}
