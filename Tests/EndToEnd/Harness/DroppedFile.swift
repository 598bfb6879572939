/// A file as a customer drops it.
struct DroppedFile: Sendable {
    /// Its folder, from the inbox's root.
    var folder: String
    var name: String
    var bytes: [UInt8]

    /// A file anywhere in the inbox.
    init(_ text: String, in folder: String, name: String) {
        self.init(Array(text.utf8), in: folder, name: name)
    }

    init(_ bytes: [UInt8], in folder: String, name: String) {
        self.folder = folder
        self.name = name
        self.bytes = bytes
    }

    /// The path from the inbox's root.
    var path: String { "\(folder)/\(name)" }

    /// A sheet of a type in its pending folder: a header and rows, with a line end behind each.
    static func sheet(_ type: String, _ header: String, _ rows: [String], name: String? = nil) -> DroppedFile
    {
        let text = ([header] + rows).map { "\($0)\n" }.joined()
        return DroppedFile(text, in: "\(type)/pending", name: name ?? "\(type).csv")
    }

    /// Rows under `customer_id,name,balance,currency`.
    static func customers(_ rows: String..., name: String? = nil) -> DroppedFile {
        sheet("customers_with_open_balances", "customer_id,name,balance,currency", rows, name: name)
    }

    static let invoiceHeader =
        "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency"

    /// Rows under ``invoiceHeader``.
    static func invoices(_ rows: String..., name: String? = nil) -> DroppedFile {
        invoices(rows, name: name)
    }

    static func invoices(_ rows: [String], name: String? = nil) -> DroppedFile {
        sheet("open_invoices", invoiceHeader, rows, name: name)
    }

    /// Rows under `customer_id,email,first_name`.
    static func contacts(_ rows: String..., name: String? = nil) -> DroppedFile {
        sheet("contacts", "customer_id,email,first_name", rows, name: name)
    }

    /// Rows under `payment_id,customer_id,payment_date,amount,currency`.
    static func receipts(_ rows: String...) -> DroppedFile {
        sheet("payment_receipts", "payment_id,customer_id,payment_date,amount,currency", rows)
    }

    /// Rows under `payment_id,invoice_id,amount`.
    static func lines(_ rows: String..., name: String? = nil) -> DroppedFile {
        sheet("payment_applications", "payment_id,invoice_id,amount", rows, name: name)
    }
}

/// A row under ``DroppedFile/invoiceHeader``: 100.00 USD of customer C1, all of it open; `changes` are other cells.
func invoice(_ id: String, _ changes: [String: String] = [:]) -> String {
    var cells = [
        "invoice_id": id, "invoice_number": "N-\(id)", "customer_id": "C1", "invoice_date": "2025-01-01",
        "due_date": "2025-01-31", "amount": "100.00", "balance": "100.00", "currency": "USD",
    ]
    cells.merge(changes) { $1 }
    return DroppedFile.invoiceHeader.split(separator: ",").map { cells[String($0)] ?? "" }
        .joined(separator: ",")
}
