/// What is not in the file (records.md 5.1, 5.2 and 5.7).
extension ModelLoad {
    mutating func removeAbsent(present: ModelPresence) {
        if type.name == "contacts" {
            removeContacts(present: present)
            return
        }
        guard settings.isSnapshot(type.name), rows.contains(where: \.isAccepted) else { return }
        for (key, record) in store[type.name] where !present.contains(key) {
            var record = record
            if type.name == "open_invoices" {
                if record.values["status"] == "CLEARED" { continue }
                record.values["status"] = "CLEARED"
                record.values["cleared_date"] = day
                cleared += 1
            } else {
                if record.minorUnits("balance") != 0 { cleared += 1 }
                if record.values["past_due_balance"] != nil { record.values["past_due_balance"] = "0" }
            }
            record.values["balance"] = "0"
            store[type.name][key] = record
        }
    }

    /// Deletes contacts that are left out: of the owners in the file, or of all owners.
    private mutating func removeContacts(present: ModelPresence) {
        let accepted = rows.filter(\.isAccepted)
        if accepted.isEmpty { return }
        let broken = Set(rows.filter { !$0.errors.isEmpty }.compactMap(\.owner))
        let named = Set(accepted.compactMap(\.owner))
        let columns = Set(sheet.labels.map { Text($0.name) } + ["email"])
        for (key, record) in store[type.name] where !present.contains(key) {
            // A column that the file lacks says nothing about the contacts that came from it.
            if let source = record.values["source"], !columns.contains(source) { continue }
            let owner = Array(key.prefix(2))
            let isInScope = named.contains(owner) || settings.contactsMode == .fullSnapshot
            if isInScope && !broken.contains(owner) && !present.unclearOwners.contains(owner) {
                store[type.name][key] = nil
                deleted += 1
            }
        }
    }
}
