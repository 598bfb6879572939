/// The checks of one row that need no other row of the file (records.md 1.2, 3 and 6.2).
extension ModelLoad {
    mutating func checkRows() {
        rows = sheet.rows.map { source in
            var row = ModelRow(source)
            if let damage = source.damage {
                row.errors.append((damage, nil))
                return row
            }
            row.saysNoLines = saysNoLines(source)
            checkCells(of: &row)
            readKey(of: &row)
            checkRules(of: &row)
            return row
        }
    }

    /// The trimmed cell of a column; blank where the header does not hold it.
    func cell(_ column: String, _ source: SourceRow) -> Text {
        guard let place = sheet.native.first(where: { $0.column.name == column })?.place,
            source.cells.indices.contains(place)
        else { return "" }
        return source.cells[place].trimmed
    }

    private func checkCells(of row: inout ModelRow) {
        let rowCurrency = currency(of: row.source)
        for (place, column) in sheet.native {
            let text = row.source.cells[place].trimmed
            row.values[column.name] = ""
            if text.isBlank {
                let isFree = column.name == "invoice_id" && row.saysNoLines
                if column.mark == "R" && !isFree { row.errors.append(("required_blank", column.name)) }
                continue
            }
            switch ModelValue(text, as: column.format, currency: currency(in: column.name, rowCurrency, row))
            {
            case .stored(let value):
                let unit = currency(in: column.name, rowCurrency, row)
                row.values[column.name] = column.name == Self.foreign ? inTenThousandths(value, unit) : value
            case .wrong(let code): row.errors.append((code, column.name))
            }
        }
        for column in sheet.custom { row.custom[column.name] = row.source.cells[column.place].trimmed }
        for label in sheet.labels {
            let text = row.source.cells[label.place].trimmed
            if text.isBlank { continue }
            switch ModelValue(text, as: .email) {
            case .stored(let address): row.labels.append((address, label.name))
            case .wrong(let code): row.errors.append((code, label.name))
            }
        }
    }

    /// The currency that money in the row is in; nil if it cannot be told.
    private func currency(of source: SourceRow) -> Text? {
        if type.isLines { return store[type.lineParent, cell(type.idColumn, source)]?.values["currency"] }
        if case .stored(let code) = ModelValue(cell("currency", source), as: .currency) { return code }
        return nil
    }

    static let foreign = "amount_invoice_currency"

    /// The invoice may come later, in another currency: so its amount is kept with four decimals.
    private func inTenThousandths(_ minor: Text, _ currency: Text?) -> Text {
        let decimals = currency.flatMap { ModelValue.decimals[$0.string] } ?? 4
        return Text(minor.string + String(repeating: "0", count: 4 - decimals))
    }

    /// The amount in the invoice's currency is the one money column in another currency.
    private func currency(in column: String, _ currency: Text?, _ row: ModelRow) -> Text? {
        guard column == "amount_invoice_currency", currency != nil else { return currency }
        let invoice = store["open_invoices", cell("invoice_id", row.source)]
        return invoice?.values["currency"] ?? currency
    }

    /// Whether this is the only row of its payment, with a blank invoice and the amount 0.
    private func saysNoLines(_ source: SourceRow) -> Bool {
        let parent = cell(type.idColumn, source)
        guard type.isLines, !parent.isBlank, cell("invoice_id", source).isBlank,
            ModelValue.isPlainNumber(cell("amount", source).string),
            !cell("amount", source).string.contains(where: { ("1"..."9").contains($0) })
        else { return false }
        return sheet.rows.count { $0.damage == nil && cell(type.idColumn, $0) == parent } == 1
    }

    private func readKey(of row: inout ModelRow) {
        let id = cell(type.idColumn, row.source)
        if type.name == "contacts" {
            let invoice = cell("invoice_id", row.source)
            let customer = cell("customer_id", row.source)
            let contact = cell("contact_id", row.source)
            if invoice.isBlank && customer.isBlank { return }
            let owner = invoice.isBlank ? ["customer", customer] : ["invoice", invoice]
            row.owner = owner
            if !contact.isBlank {
                row.key = owner + ["id", contact]
            } else if let address = row.given("email") {
                row.key = owner + ["email", Text(address.string.lowercased())]
            }
        } else if type.isLines {
            if id.isBlank { return }
            let line = cell("application_id", row.source)
            let invoice = cell("invoice_id", row.source)
            row.owner = [id]
            if row.saysNoLines {
                row.key = [id, "none", ""]
            } else if !line.isBlank {
                row.key = [id, "id", line]
            } else if !invoice.isBlank {
                row.key = [id, "invoice", invoice]
            }
        } else if !id.isBlank {
            row.key = [id]
        }
    }

    /// The rules of single types, and the guard against stale rows.
    private func checkRules(of row: inout ModelRow) {
        switch type.name {
        case "customers_with_open_balances": checkCustomer(&row)
        case "open_invoices": checkInvoice(&row)
        case "contacts":
            if row.owner == nil { row.errors.append(("owner_ambiguous", "customer_id")) }
        case "payment_receipts": checkReceipt(&row)
        case "credit_memo_receipts": normaliseCredit(&row)
        default: break
        }
        if let given = row.given("updated_at"), let key = row.key,
            let stored = store[type.name][key]?.values["updated_at"], given < stored
        {
            row.errors.append(("stale_row", "updated_at"))
        }
    }

    private func checkCustomer(_ row: inout ModelRow) {
        guard row.given("currency") != nil else { return }
        if row.minorUnits("balance") == 0 { row.warnings.append(("zero_balance", "balance")) }
        if let limit = row.minorUnits("credit_limit"), limit < 0 {
            row.errors.append(("out_of_range", "credit_limit"))
        }
    }

    private func checkInvoice(_ row: inout ModelRow) {
        if let issued = row.given("invoice_date"), let due = row.given("due_date"), due < issued {
            row.warnings.append(("due_before_invoice", "due_date"))
        }
        guard row.given("currency") != nil, let balance = row.minorUnits("balance") else { return }
        if balance == 0 { row.warnings.append(("zero_balance", "balance")) }
        if let amount = row.minorUnits("amount"), balance.magnitude > amount.magnitude {
            row.warnings.append(("balance_gt_amount", "balance"))
        }
    }

    /// Positive, or negative if refunded; the status may be the stored one.
    private func checkReceipt(_ row: inout ModelRow) {
        guard row.given("currency") != nil, let amount = row.minorUnits("amount"), amount <= 0 else { return }
        let stored = row.key.flatMap { store[type.name][$0]?.values["status"] }
        let isSilent =
            row.values["status"] == nil || (settings.blankMeans == .keep && row.given("status") == nil)
        let status = isSilent ? stored : row.given("status")
        if amount == 0 || status != "refunded" { row.errors.append(("out_of_range", "amount")) }
    }

    private func normaliseCredit(_ row: inout ModelRow) {
        guard row.given("currency") != nil else { return }
        if row.minorUnits("amount") == 0 { row.errors.append(("out_of_range", "amount")) }
        for column in ["amount", "unapplied_amount"] {
            guard let value = row.minorUnits(column), value < 0 else { continue }
            row.values[column] = Text(String(value.magnitude))
            row.warnings.append(("negative_normalised", column))
        }
    }
}
