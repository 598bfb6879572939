/// Writing accepted rows, in the order of the file.
extension ModelLoad {
    /// What the record of a row would hold after the row; the stored record stays where the row says nothing.
    func merged(_ row: ModelRow, onto stored: ModelRecord?) -> ModelRecord {
        var record = stored ?? ModelRecord()
        for (column, value) in row.values where !value.isBlank || settings.blankMeans == .clear {
            record.values[column] = value.isBlank ? nil : value
        }
        for (column, value) in row.custom where !value.isBlank || settings.blankMeans == .clear {
            record.custom[column] = value.isBlank ? nil : value
        }
        if row.dropsParent { record.values["parent_id"] = nil }
        if type.name == "contacts" { record.values["source"] = "email" }
        // The owner of an invoice's contact is the invoice; its customer is looked up.
        if type.name == "contacts" && record.values["invoice_id"] != nil {
            record.values["customer_id"] = nil
        }
        return record
    }

    mutating func storeRows() {
        let primaries = type.name == "contacts" ? primaryContacts() : [:]
        for place in rows.indices where rows[place].isCandidate {
            guard let key = rows[place].key else { continue }
            let stored = store[type.name][key]
            var record = merged(rows[place], onto: stored)
            finish(&record, from: stored)
            if let owner = rows[place].owner, let primary = primaries[owner], primary != key,
                record.values["is_primary"] == "true"
            {
                record.values["is_primary"] = "false"
            }
            var isChanged = record != stored
            if rows[place].given("parent_id") != nil, isNewlyLinked(record) { isChanged = true }
            store[type.name][key] = record
            noteStored(record, at: place)
            if let owner = rows[place].owner, storeLabels(of: rows[place], owner) { isChanged = true }
            rows[place].fate = stored == nil ? .inserted : isChanged ? .updated : .unchanged
        }
        for (owner, primary) in primaries { demoteOthers(of: owner, than: primary) }
        for place in rows.indices where rows[place].fate == .undecided && rows[place].repeats == nil {
            rows[place].fate = .rejected
        }
        settleRepeats()
        for place in rows.indices where rows[place].repeats == nil && !rows[place].isPassedOver {
            let isWritten = rows[place].fate == .inserted || rows[place].fate == .updated
            if !isWritten { rows[place].warnings = [] }
        }
    }

    /// Sets what follows from the values of a row.
    private mutating func finish(_ record: inout ModelRecord, from stored: ModelRecord?) {
        if type.name == "customers_with_open_balances" { record.values["stub"] = nil }
        guard type.name == "open_invoices" else { return }
        let wasCleared = stored?.values["status"] == "CLEARED"
        if record.minorUnits("balance") != 0 {
            if wasCleared { reopened += 1 }
            record.values["status"] = "OPEN"
            record.values["cleared_date"] = nil
        } else if !wasCleared {
            record.values["status"] = "CLEARED"
            record.values["cleared_date"] = day
        }
    }

    /// Whether a customer's parent stands in the file that links it, or was otherwise not there before.
    private func isNewlyLinked(_ record: ModelRecord) -> Bool {
        guard type.name == "customers_with_open_balances", let parent = record.values["parent_id"] else {
            return false
        }
        return !customersBeforeLoad.contains(parent) && customersAfterLoad.contains(parent)
    }

    /// What a stored row brings about elsewhere, and the warnings that need the store.
    private mutating func noteStored(_ record: ModelRecord, at place: Int) {
        switch type.name {
        case "open_invoices":
            let isTaken = store[type.name].contains { key, other in
                key != rows[place].key && other.values["invoice_number"] == record.values["invoice_number"]
                    && other.values["subsidiary_id"] == record.values["subsidiary_id"]
            }
            if isTaken { rows[place].warnings.append(("invoice_number_not_unique", "invoice_number")) }
        case "payment_receipts": noteReceipt(record, at: place, lines: "payment_applications")
        case "credit_memo_receipts": noteReceipt(record, at: place, lines: "credit_memo_applications")
        case "payment_applications", "credit_memo_applications":
            if let invoice = record.values["invoice_id"], store["open_invoices", invoice] == nil {
                rows[place].warnings.append(("invoice_unresolved", "invoice_id"))
            }
        default: break
        }
    }

    /// Invents the customer if that is wished, and looks at the lines of a receipt or credit memo.
    private mutating func noteReceipt(_ record: ModelRecord, at place: Int, lines: String) {
        guard let key = rows[place].key else { return }
        if let customer = record.values["customer_id"], store["customers_with_open_balances", customer] == nil
        {
            store["customers_with_open_balances", customer] = ModelRecord(values: [
                "customer_id": customer, "name": customer, "balance": "0", "stub": "true",
                "currency": record.values["currency"] ?? "",
            ])
            rows[place].warnings.append(("stub_created", "customer_id"))
        }
        if record.values["status"] == "voided" || record.values["status"] == "returned" {
            for line in store.set(of: key, in: lines).keys {
                store[lines][line] = nil
                deleted += 1
            }
        }
        if store.lineSum(of: key[0], in: lines) > store.available(record) {
            rows[place].warnings.append(("over_applied", "amount"))
        }
    }
}
