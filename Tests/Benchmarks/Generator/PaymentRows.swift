/// Payments: one for every fifth invoice and the one after it, whoever the customer of that is.
struct PaymentRows: Rows {
    static let type = "payment_receipts"
    static let header = [
        "payment_id", "customer_id", "payment_date", "amount", "currency", "payment_number", "payment_method",
        "memo", "subsidiary_id", "reference_number", "payer_name", "updated_at",
    ]
    static let customColumns = 0
    static let table: UInt64 = 5

    let seed: UInt64
    let invoices: InvoiceRows
    var count: Int { invoices.count / 5 }

    static func putKey(_ row: Int, to file: RowWriter) {
        file.put("Z")
        file.put(number: row, width: 8)
    }

    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums {
        var chance = Chance(seed: seed, table: Self.table, row: row)
        let paid = invoices.essence(row * 5)
        Self.putKey(row, to: file)
        file.comma()
        CustomerRows.putKey(paid.customer, to: file)
        file.comma()
        file.put(Words.days[chance.below(320)])
        file.comma()
        file.put(money: paid.amount)
        file.comma()
        file.put(paid.currency.code)
        file.comma()
        file.put("B-")
        file.put(number: row, width: 7)
        file.comma()
        file.put(chance.happens(70) ? "SEPA" : "check")
        file.comma()
        file.put(chance.choice(Words.goods))
        file.comma()
        file.put(chance.choice(Words.subsidiaries))
        file.comma()
        file.put(number: chance.below(1_000_000_000), width: 9)
        file.comma()
        file.put(chance.choice(Words.people))
        file.comma()
        if version == .changed { file.put("2026-11-21T06:30:00Z") } else { file.put("2026-11-20T06:30:00Z") }
        return Sums(amount: paid.amount.minor, balance: 0)
    }
}

/// The lines of the payments: two for each, which together come to less than it has.
struct ApplicationRows: Rows {
    static let type = "payment_applications"
    static let header = [
        "payment_id", "invoice_id", "amount", "application_id", "application_date", "currency", "memo",
    ]
    static let customColumns = 0
    static let table: UInt64 = 6

    let seed: UInt64
    let invoices: InvoiceRows
    var count: Int { invoices.count / 5 * 2 }

    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums {
        var chance = Chance(seed: seed, table: Self.table, row: row)
        let first = row / 2 * 5
        let paid = invoices.essence(first)
        var invoice = first
        if row % 2 == 1 {
            // The next invoice in the same currency, so that no second amount is called for.
            repeat {
                invoice = (invoice + 1) % invoices.count
            } while invoices.essence(invoice).currency.code != paid.currency.code
        }
        var amount = paid.amount
        amount.minor = row % 2 == 0 ? amount.minor / 2 : amount.minor / 4
        PaymentRows.putKey(row / 2, to: file)
        file.comma()
        file.put(number: 100_000_000 + invoice)
        file.comma()
        file.put(money: amount)
        file.comma()
        file.put("A")
        file.put(number: row, width: 8)
        file.comma()
        file.put(Words.days[chance.below(320)])
        file.comma()
        file.put(paid.currency.code)
        file.comma()
        if version == .changed {
            file.put("berichtigt")
        } else if chance.happens(20) {
            file.put("Skonto geprüft")
        }
        return Sums(amount: amount.minor, balance: 0)
    }
}
