import Foundation

/// The views of the design, 4.4, as text (records.md 5.10).
extension ModelLedger {
    /// The rows of a type's view in the order of their keys: column to text, without the columns that are
    /// NULL, and without `file_id`.
    func view(_ type: ModelType) -> [[String: String]] {
        store[type.name].sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, record in
            var shown = shownValues(record, of: type)
            addDefaults(to: &shown, key: key, record: record, type: type)
            if type.keepsCustomColumns && !record.custom.isEmpty {
                shown["custom"] = json(record.custom, type)
            }
            return shown
        }
    }

    /// Every column by the format of the type, money in the currency of the record.
    private func shownValues(_ record: ModelRecord, of type: ModelType) -> [String: String] {
        var shown: [String: String] = [:]
        for column in type.columns {
            guard let value = record.values[column.name] else { continue }
            shown[column.name] =
                column.format == .money
                ? column.name == ModelLoad.foreign
                    ? foreignAmount(value, currency(of: column.name, record, type))
                    : amount(value, currency(of: column.name, record, type)) : value.string
        }
        return shown
    }

    private func addDefaults(
        to shown: inout [String: String],
        key: ModelKey,
        record: ModelRecord,
        type: ModelType
    ) {
        func fill(_ column: String, _ value: Text?) {
            if shown[column] == nil { shown[column] = value?.string }
        }
        switch type.name {
        case "subsidiaries":
            fill("time_zone", "UTC")
            fill("is_active", "true")
        case "customers_with_open_balances":
            fill("customer_number", key[0])
            fill("status", "active")
            if let parent = record.values["parent_id"], store[type.name, parent] == nil {
                shown["parent_id"] = nil
            }
        case "open_invoices":
            fill("pdf_filename", record.values["invoice_number"].map { Text($0.string + ".pdf") })
            fill("invoice_type", "invoice")
            fill("status", record.values["status"])
            fill("cleared_date", record.values["cleared_date"])
        case "contacts":
            fill("recipient_type", "to")
            let invoice = record.values["invoice_id"].flatMap { store["open_invoices", $0] }
            fill("customer_id", invoice?.values["customer_id"])
        case "payment_receipts", "credit_memo_receipts":
            let minor = Text(String(unapplied(key[0], record, type)))
            shown["unapplied_amount"] = amount(minor, record.values["currency"])
        default:
            let parent = store[type.lineParent, key[0]]
            let date = type.lineParent == "payment_receipts" ? "payment_date" : "credit_memo_date"
            fill("application_date", parent?.values[date])
            fill("currency", parent?.values["currency"])
        }
    }

    /// What is left of a payment or credit memo, in minor units (records.md 5.6).
    private func unapplied(_ id: Text, _ record: ModelRecord, _ type: ModelType) -> Int64 {
        let status = record.values["status"]
        if status == "voided" || status == "returned" || status == "refunded" { return 0 }
        let lines = type.name == "payment_receipts" ? "payment_applications" : "credit_memo_applications"
        if settings.unapplied == .recompute, store.ownersWithLines[lines]?.contains(id) == true {
            return max(0, record.minorUnits("amount") - store.lineSum(of: id, in: lines))
        }
        return record.minorUnits(record.values["unapplied_amount"] == nil ? "amount" : "unapplied_amount")
    }

    private func currency(of column: String, _ record: ModelRecord, _ type: ModelType) -> Text? {
        guard type.isLines else { return record.values["currency"] }
        let parent = record.values[type.idColumn].flatMap { store[type.lineParent, $0] }
        let invoice = record.values["invoice_id"].flatMap { store["open_invoices", $0] }
        if column == "amount_invoice_currency", let invoice { return invoice.values["currency"] }
        return parent?.values["currency"]
    }

    /// Ten-thousandths as decimal text with the decimals of the currency, and more only where they are not zero.
    private func foreignAmount(_ value: Text, _ currency: Text?) -> String {
        var text = value.string
        let decimals = currency.flatMap { ModelValue.decimals[$0.string] } ?? 2
        var dropped = 0
        while dropped < 4 - decimals, text.hasSuffix("0"), text.count > 1 {
            text.removeLast()
            dropped += 1
        }
        let shown = 4 - dropped
        let isNegative = text.hasPrefix("-")
        var digits = text.drop { $0 == "-" }
        digits = String(repeating: "0", count: max(0, shown + 1 - digits.count)) + digits
        let plain = shown == 0 ? String(digits) : "\(digits.dropLast(shown)).\(digits.suffix(shown))"
        return isNegative ? "-" + plain : plain
    }

    /// Minor units as decimal text with the decimals of the currency.
    private func amount(_ minor: Text, _ currency: Text?) -> String {
        let decimals = currency.flatMap { ModelValue.decimals[$0.string] } ?? 2
        let isNegative = minor.string.hasPrefix("-")
        var digits = minor.string.drop { $0 == "-" }
        digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let text = decimals == 0 ? String(digits) : "\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
        return isNegative ? "-" + text : text
    }

    /// The custom columns under their first spelling, keys in the order of their bytes.
    private func json(_ custom: [String: Text], _ type: ModelType) -> String {
        let members = custom.map { name, value in
            (store.spellings[type.name]?[name] ?? Text(name), value)
        }
        let texts = members.sorted { $0.0 < $1.0 }.map { "\(quoted($0.0)):\(quoted($0.1))" }
        return "{" + texts.joined(separator: ",") + "}"
    }

    private func quoted(_ text: Text) -> String {
        let scalars = text.string.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: String(scalar)
            }
        }
        return "\"" + scalars.joined() + "\""
    }
}
