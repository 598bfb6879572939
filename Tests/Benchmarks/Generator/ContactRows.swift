/// Contacts: two for each customer, the customers ascending; 11 shipped columns.
struct ContactRows: Rows {
    static let type = "contacts"
    static let header = [
        "customer_id", "invoice_id", "email", "first_name", "last_name", "title", "phone", "is_primary",
        "contact_id", "language", "notes",
    ]
    static let customColumns = 0
    static let table: UInt64 = 4

    let seed: UInt64
    let customers: Int
    var count: Int { customers * 2 }

    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums {
        var chance = Chance(seed: seed, table: Self.table, row: row)
        CustomerRows.putKey(row / 2, to: file)
        file.comma()
        file.comma()
        file.put("person")
        file.put(number: row)
        file.put("@kunde.example")
        file.comma()
        file.put(chance.choice(Words.people))
        file.comma()
        file.put(chance.choice(Words.cities))
        file.comma()
        file.put(chance.choice(Words.departments))
        file.comma()
        file.put("+49 30 ")
        file.put(number: chance.below(10_000_000), width: 7)
        file.comma()
        file.put(row % 2 == 0 ? "true" : "false")
        file.comma()
        file.put("P")
        file.put(number: row, width: 7)
        file.comma()
        file.put(chance.happens(60) ? "de" : "en")
        file.comma()
        if version == .changed {
            file.put("im Urlaub bis Montag")
        } else if chance.happens(10) {
            file.put("\"erreichbar Mo, Mi, Fr\"")
        }
        return Sums()
    }
}
