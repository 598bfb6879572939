/// The rules that contacts of one owner have among themselves (records.md 3.4 and 5.10).
extension ModelLoad {
    /// The one primary contact of each owner for which the file names one.
    ///
    /// It is the first accepted row that says so; healed rows do not depose a contact that is primary already.
    func primaryContacts() -> [ModelKey: ModelKey] {
        var primaries: [ModelKey: ModelKey] = [:]
        for row in rows where row.isCandidate && row.given("is_primary") == "true" {
            guard let owner = row.owner, let key = row.key, primaries[owner] == nil else { continue }
            let stored = store.set(of: owner, in: type.name).first { $0.value.values["is_primary"] == "true" }
            primaries[owner] = purpose == .healing ? stored?.key ?? key : key
        }
        return primaries
    }

    mutating func demoteOthers(of owner: ModelKey, than primary: ModelKey) {
        for (key, record) in store.set(of: owner, in: type.name)
        where key != primary && record.values["is_primary"] == "true" {
            store[type.name][key]?.values["is_primary"] = "false"
        }
    }

    /// Stores the contacts of a row's `<label>_email` cells; returns whether any of them is new.
    mutating func storeLabels(of row: ModelRow, _ owner: ModelKey) -> Bool {
        var isChanged = false
        for (address, column) in row.labels {
            let key = Self.labelKey(owner, address)
            let isNamed = rows.contains { $0.key == key && $0.errors.isEmpty }
            let source = Text(column)
            let stored = store[type.name][key]?.values
            guard !isNamed, stored?["email"] != address || stored?["source"] != source else { continue }
            let kind = owner[0] == "invoice" ? "invoice_id" : "customer_id"
            var record = store[type.name][key] ?? ModelRecord()
            record.values[kind] = owner[1]
            record.values["email"] = address
            record.values["source"] = source
            store[type.name][key] = record
            isChanged = true
        }
        return isChanged
    }
}
