/// References to other records (records.md 5.4), judged after everything else about a row.
extension ModelLoad {
    mutating func checkReferences() {
        for place in rows.indices {
            let row = rows[place]
            if row.source.damage != nil || row.repeats != nil || row.fate != .undecided { continue }
            if let owner = mismatchedOwner(row) { rows[place].errors.append(owner) }
            if let currency = mismatchedCurrency(row) { rows[place].errors.append(currency) }
            // Subsidiaries refer to each other: that is settled with all rows in view.
            if type.name == "subsidiaries" { continue }
            report(missing: missingReferences(row), at: place)
        }
    }

    /// Parks or rejects a row with these columns without a target; a row with another error is rejected.
    mutating func report(missing columns: [String], at place: Int) {
        if columns.isEmpty { return }
        let isOrphanOnly = rows[place].errors.isEmpty
        rows[place].errors += columns.map { ("parent_not_found", $0) }
        if isOrphanOnly && settings.orphans == .park { rows[place].fate = .parked }
    }

    /// The columns of a row whose target is required and not known.
    private func missingReferences(_ row: ModelRow) -> [String] {
        type.references.compactMap { column, target in
            guard let id = row.given(column), store[target, id] == nil else { return nil }
            return column == "customer_id" && invitesStub ? nil : column
        }
    }

    /// Whether an unknown customer is invented.
    var invitesStub: Bool {
        settings.createStubCustomers && ["payment_receipts", "credit_memo_receipts"].contains(type.name)
    }

    /// A contact's customer beside an invoice must be that invoice's.
    private func mismatchedOwner(_ row: ModelRow) -> (String, String)? {
        guard type.name == "contacts", let customer = row.given("customer_id"),
            let invoice = row.given("invoice_id").flatMap({ store["open_invoices", $0] }),
            invoice.values["customer_id"] != customer
        else { return nil }
        return ("owner_mismatch", "customer_id")
    }

    /// A line is in its payment's currency; an invoice in another needs the amount in its own.
    private func mismatchedCurrency(_ row: ModelRow) -> (String, String)? {
        guard type.isLines, let id = row.given(type.idColumn), let parent = store[type.lineParent, id] else {
            return nil
        }
        let currency = parent.values["currency"]
        let isForeign = row.given("currency").map { $0 != currency } ?? false
        let invoice = row.given("invoice_id").flatMap { store["open_invoices", $0] }
        let needsAmount = invoice.map { $0.values["currency"] != currency } ?? false
        let stored = row.key.flatMap { store[type.name][$0] }
        let amount = merged(row, onto: stored).values["amount_invoice_currency"]
        // A cell that is there but wrong has its own error.
        let hasAmount = amount != nil || !cell("amount_invoice_currency", row.source).isBlank
        return isForeign || (needsAmount && !hasAmount) ? ("currency_mismatch", "currency") : nil
    }
}
