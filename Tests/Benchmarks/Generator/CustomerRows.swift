/// Customers: 17 shipped columns and 2 of the customer's own.
struct CustomerRows: Rows {
    static let type = "customers_with_open_balances"
    static let header = [
        "customer_id", "name", "balance", "currency", "parent_id", "subsidiary_id", "customer_number",
        "payment_terms", "email", "phone", "credit_limit", "segment", "industry", "language", "city",
        "postal_code",
        "country", "account_manager", "route",
    ]
    static let customColumns = 2
    static let table: UInt64 = 2

    let seed: UInt64
    let count: Int

    static func putKey(_ row: Int, to file: RowWriter) {
        file.put("C")
        file.put(number: row, width: 7)
    }

    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums {
        var chance = Chance(seed: seed, table: Self.table, row: row)
        let currency = chance.choice(Words.currencies)
        var balance = chance.minorUnits()
        if version == .changed { balance += 100 }
        Self.putKey(row, to: file)
        file.comma()
        file.put(chance.choice(Words.firms))
        file.comma()
        file.put(money: Money(minor: balance, decimals: currency.decimals))
        file.comma()
        file.put(currency.code)
        file.comma()
        // A parent stands before its children.
        if row > 0, chance.happens(3) { Self.putKey(chance.below(min(row, 1000)), to: file) }
        file.comma()
        file.put(chance.choice(Words.subsidiaries))
        file.comma()
        file.put("K-")
        file.put(number: row, width: 7)
        file.comma()
        file.put(chance.choice(Words.terms))
        file.comma()
        file.put("ar")
        file.put(number: row)
        file.put("@kunde.example")
        file.comma()
        file.put("+49 89 ")
        file.put(number: chance.below(10_000_000), width: 7)
        file.comma()
        file.put(number: chance.below(500) * 1000)
        file.comma()
        file.put(chance.happens(20) ? "key account" : "standard")
        file.comma()
        file.put(chance.choice(Words.goods))
        file.comma()
        file.put(chance.happens(60) ? "de" : "en")
        file.comma()
        file.put(chance.choice(Words.cities))
        file.comma()
        file.put(number: chance.below(100_000), width: 5)
        file.comma()
        file.put(chance.happens(60) ? "DE" : "FR")
        file.comma()
        file.put(chance.choice(Words.people))
        file.comma()
        file.put(number: chance.below(40) + 1)
        return Sums(amount: balance, balance: balance)
    }
}

/// The four legal entities to which everything belongs.
struct SubsidiaryRows: Rows {
    static let type = "subsidiaries"
    static let header = ["subsidiary_id", "name", "currency", "country"]
    static let customColumns = 0
    static let table: UInt64 = 3

    let count = Words.subsidiaries.count

    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums {
        file.put(Words.subsidiaries[row % count])
        file.put(",Gesellschaft ")
        file.put(number: row + 1)
        file.put(",EUR,DE")
        return Sums()
    }
}
