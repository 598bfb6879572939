/// Open invoices: 22 shipped columns and 4 of the customer's own, about 230 bytes a row, keys ascending.
struct InvoiceRows: Rows {
    static let type = "open_invoices"
    static let header = [
        "invoice_id", "invoice_number", "customer_id", "invoice_date", "due_date", "amount", "balance",
        "currency",
        "subsidiary_id", "po_number", "payment_terms", "memo", "invoice_type", "subtotal", "tax_amount",
        "sales_order_number", "bill_to_name", "sales_rep_name", "dispute_status", "department", "location",
        "updated_at", "cost_center", "sales_region", "delivery_note", "notes",
    ]
    static let customColumns = 4
    static let table: UInt64 = 1

    let seed: UInt64
    let count: Int
    let customers: Int

    /// The customer, the currency and the amount of an invoice, for those who pay it.
    func essence(_ row: Int) -> (customer: Int, currency: Words.Currency, amount: Money) {
        var chance = Chance(seed: seed, table: Self.table, row: row)
        let customer = chance.below(customers)
        let currency = chance.choice(Words.currencies)
        return (customer, currency, Money(minor: chance.minorUnits(), decimals: currency.decimals))
    }

    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums {
        var chance = Chance(seed: seed, table: Self.table, row: row)
        let customer = chance.below(customers)
        let currency = chance.choice(Words.currencies)
        let amount = chance.minorUnits()
        var balance = chance.happens(70) ? amount : 2 + chance.below(amount - 1)
        if version == .changed { balance /= 2 }
        let tax = amount * 19 / 119
        func money(_ minor: Int) -> Money { Money(minor: minor, decimals: currency.decimals) }

        file.put(number: 100_000_000 + row)
        file.comma()
        if version != .flawed(.noNumber) {
            file.put("R-2026-")
            file.put(number: row, width: 7)
        }
        file.comma()
        CustomerRows.putKey(version == .flawed(.unknownCustomer) ? 9_000_000 + row : customer, to: file)
        file.comma()
        let day = chance.below(300)
        let terms = chance.below(Words.terms.count)
        if version == .flawed(.impossibleDate) { file.put("2026-02-30") } else { file.put(Words.days[day]) }
        file.comma()
        if version == .flawed(.otherDateFormat) {
            file.put("20/12/2026")
        } else {
            file.put(Words.days[day + Words.termDays[terms]])
        }
        file.comma()
        switch version {
        case .flawed(.decimalComma): file.put("\"1234,50\"")
        case .flawed(.exponent): file.put("1e3")
        case .flawed(.noAmount): break
        default: file.put(money: money(amount))
        }
        file.comma()
        file.put(money: money(balance))
        file.comma()
        switch version {
        case .flawed(.longCurrency): file.put("EURO")
        case .flawed(.unknownCurrency): file.put("XQQ")
        default: file.put(currency.code)
        }
        file.comma()
        file.put(chance.choice(Words.subsidiaries))
        file.comma()
        if chance.happens(70) {
            file.put("PO-")
            file.put(number: chance.below(1_000_000), width: 6)
        }
        file.comma()
        file.put(Words.terms[terms])
        file.comma()
        putMemo(&chance, to: file)
        file.comma()
        if version == .flawed(.unknownKind) {
            file.put("pro_forma")
        } else if chance.happens(95) {
            file.put("invoice")
        } else {
            file.put("debit_memo")
        }
        file.comma()
        file.put(money: money(amount - tax))
        file.comma()
        file.put(money: money(tax))
        file.comma()
        file.put("SO")
        file.put(number: chance.below(10_000_000), width: 7)
        file.comma()
        file.put(chance.choice(Words.firms))
        file.comma()
        file.put(chance.choice(Words.people))
        file.comma()
        file.put(chance.choice(Words.disputes))
        file.comma()
        file.put(chance.choice(Words.departments))
        file.comma()
        file.put(chance.choice(Words.cities))
        file.comma()
        if version == .changed { file.put("2026-11-21T06:30:00Z") } else { file.put("2026-11-20T06:30:00Z") }
        file.comma()
        file.put("CC-")
        file.put(number: chance.below(500), width: 3)
        file.comma()
        file.put(chance.choice(Words.regions))
        file.comma()
        file.put(number: chance.below(90_000_000) + 10_000_000)
        file.comma()
        putNotes(&chance, to: file)
        return Sums(amount: amount, balance: balance)
    }

    /// A description: with a comma or with doubled quotes in some rows, hence quoted.
    private func putMemo(_ chance: inout Chance, to file: RowWriter) {
        let goods = chance.choice(Words.goods)
        switch chance.below(10) {
        case 0:
            file.put("\"Lieferung \"\"")
            file.put(goods)
            file.put("\"\" laut Angebot\"")
        case 1, 2:
            file.put("\"")
            file.put(number: chance.below(400) + 1)
            file.put(" x ")
            file.put(goods)
            file.put(", frei Haus\"")
        default:
            file.put(number: chance.below(400) + 1)
            file.put(" x ")
            file.put(goods)
        }
    }

    /// Notes: mostly none, in a few rows over several lines.
    private func putNotes(_ chance: inout Chance, to file: RowWriter) {
        switch chance.below(1000) {
        case 0..<880: break
        case 880..<883:
            file.put("\"Bitte vor Zahlung anrufen:")
            file.breakLine("\n")
            file.put("Frau Weiß, \"\"Halle 3\"\"\"")
        case 883..<885:
            file.put("\"Rückfrage offen,")
            file.breakLine("\r\n")
            file.put("siehe Mail\"")
        default:
            file.put("zweite Mahnung an ")
            file.put(chance.choice(Words.people))
        }
    }
}
