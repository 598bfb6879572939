/// One stored record, without the columns that hold no value.
struct ModelRecord: Equatable {
    /// Native columns by name, money in minor units; besides, `cleared_date` and `status` of invoices
    /// and the mark `stub` of invented customers.
    var values: [String: Text] = [:]
    var custom: [String: Text] = [:]

    func minorUnits(_ column: String) -> Int64 {
        values[column].flatMap { Int64($0.string) } ?? 0
    }
}

/// Every record of every type: what the loader keeps in tables.
struct ModelStore: Equatable {
    private var tables: [String: [ModelKey: ModelRecord]] = [:]

    /// The payments and credit memos for which lines were ever loaded, by type of line.
    var ownersWithLines: [String: Set<Text>] = [:]

    /// The first spelling of each custom column, by type and compared name.
    var spellings: [String: [String: Text]] = [:]

    subscript(type: String) -> [ModelKey: ModelRecord] {
        get { tables[type] ?? [:] }
        // No empty tables, so that stores with the same records are equal.
        set { tables[type] = newValue.isEmpty ? nil : newValue }
    }

    subscript(type: String, id: Text) -> ModelRecord? {
        get { self[type][[id]] }
        set { self[type][[id]] = newValue }
    }

    func hasSameRecords(as other: ModelStore) -> Bool {
        tables == other.tables
    }

    /// The stored lines of a payment or credit memo, or contacts of an owner: keys that begin with it.
    func set(of owner: ModelKey, in type: String) -> [ModelKey: ModelRecord] {
        self[type].filter { $0.key.starts(with: owner) }
    }

    /// The keys that absence could clear, zero or delete.
    func openItems(_ type: String) -> Set<ModelKey> {
        Set(
            self[type].filter { item in
                switch type {
                case "open_invoices": item.value.values["status"] == "OPEN"
                case "customers_with_open_balances": item.value.minorUnits("balance") != 0
                default: true
                }
            }.keys
        )
    }

    /// What lines may use up of a payment or credit memo, in minor units.
    func available(_ parent: ModelRecord) -> Int64 {
        let status = parent.values["status"]
        if status == "voided" || status == "returned" || status == "refunded" { return 0 }
        return max(0, parent.minorUnits("amount"))
    }

    /// The sum of the lines of one payment or credit memo, in minor units of its currency.
    func lineSum(of parent: Text, in lineType: String) -> Int64 {
        set(of: [parent], in: lineType).values.reduce(0) { $0 + $1.minorUnits("amount") }
    }
}
