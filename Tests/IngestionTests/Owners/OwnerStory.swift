import Ingestion

/// Makes a random story about contacts and lines from a seed: days on which most rows stay byte for byte what they were,
/// and everything else that can happen to them, to their owners and to what they name.
struct OwnerStory {
    /// One thing that happens.
    enum Step {
        /// Files that come together.
        case batch([LoadingDrop.File])
        /// Another configuration from now on.
        case configure(@Sendable (inout LoadSettings) -> Void)
        /// Somebody writes into the ledger.
        case write(String)
        /// The newest file of a type is loaded once more.
        case replay(String)
    }

    private var random: SplitMix64
    private var files = 0
    private var customers = ["C1", "C2", "C3", "C4", "C5"]
    /// Currency by invoice; its customer is the one of the same number.
    private var invoices = ["I1": "USD", "I2": "USD", "I3": "EUR", "I4": "USD"]
    private var payments: [String: (amount: Int, currency: String, status: String)] = [:]
    private var contacts: [[String]] = []
    private var lines: [[String]] = []
    private var contactHeader = [
        "customer_id", "invoice_id", "email", "contact_id", "phone", "is_primary", "tags",
    ]
    private var lineHeader = [
        "payment_id", "invoice_id", "amount", "application_id", "currency", "amount_invoice_currency", "memo",
    ]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        for number in 1...5 { payments["P\(number)"] = (100, number == 5 ? "EUR" : "USD", "open") }
        if random.chance(40) { contactHeader.append("billing_email") }
        for _ in 0..<8 { contacts.append(contact()) }
        for _ in 0..<8 { lines.append(line()) }
    }

    mutating func steps() -> [Step] {
        var steps: [Step] = []
        if random.chance(25) { steps.append(configuration()) }
        steps.append(.batch([customersFile(), invoicesFile(), paymentsFile()]))
        for _ in 0..<Int.random(in: 4...10, using: &random) { steps += day() }
        return steps
    }

    private mutating func day() -> [Step] {
        var steps: [Step] = []
        if random.chance(6) { steps.append(configuration()) }
        if random.chance(15) { steps.append(.write(edit())) }
        if random.chance(8) { steps.append(.replay(random.pick(["contacts", "payment_applications"]))) }
        var batch: [LoadingDrop.File] = []
        if random.chance(10) {
            customers.append("C\(customers.count + 1)")
            batch.append(customersFile())
        }
        if random.chance(20) {
            let invoice = random.pick(["I1", "I2", "I3", "I4", "I5", "I6"])
            invoices[invoice] = random.chance(70) ? "USD" : "EUR"
            batch.append(invoicesFile())
        }
        if random.chance(25) {
            let payment = "P\(Int.random(in: 1...6, using: &random))"
            payments[payment] = (
                random.pick([100, 40, 10]), random.chance(90) ? "USD" : "EUR",
                random.pick(["open", "open", "applied", "voided", "refunded"])
            )
            batch.append(paymentsFile())
        }
        change()
        if random.chance(85) { batch.append(file("contacts", contactHeader, contacts)) }
        if random.chance(85) { batch.append(file("payment_applications", lineHeader, lines)) }
        if random.chance(4) {
            batch.append(file("contacts", contactHeader, Array(contacts.shuffled(using: &random).prefix(3))))
        }
        steps.append(.batch(batch))
        return steps
    }

    /// What happens to the rows from one day to the next, and stays.
    private mutating func change() {
        for _ in 0..<random.pick([0, 0, 1, 2, 4]) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: contacts.shuffle(using: &random)
            case 1: lines.shuffle(using: &random)
            case 2: contacts.append(contact())
            case 3: lines.append(line())
            case 4:
                if contacts.count > 2 {
                    contacts.remove(at: contacts.indices.randomElement(using: &random) ?? 0)
                }
            case 5: if lines.count > 2 { lines.remove(at: lines.indices.randomElement(using: &random) ?? 0) }
            case 6, 7:
                guard let row = contacts.indices.randomElement(using: &random) else { continue }
                let column = Int.random(in: 2..<contactHeader.count, using: &random)
                contacts[row][column] = value(contactHeader[column])
            case 8:
                guard let row = lines.indices.randomElement(using: &random) else { continue }
                let column = Int.random(in: 1..<lineHeader.count, using: &random)
                lines[row][column] = value(lineHeader[column])
            default:
                if random.chance(20) { contactHeader.swapAt(3, 4) }
            }
        }
    }

    private mutating func contact() -> [String] {
        var row = contactHeader.map { value($0) }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: break
        case 1..<4: row[0] = ""
        default: row[1] = ""
        }
        return row
    }

    private mutating func line() -> [String] { lineHeader.map { value($0) } }

    private mutating func value(_ column: String) -> String {
        switch column {
        case "customer_id": random.chance(8) ? "C9" : "C\(Int.random(in: 1...5, using: &random))"
        case "invoice_id": random.chance(10) ? "I6" : "I\(Int.random(in: 1...4, using: &random))"
        case "payment_id": random.chance(8) ? "P7" : "P\(Int.random(in: 1...5, using: &random))"
        case "email":
            random.chance(3)
                ? "nonsense" : random.pick(["a@x.io", "b@x.io", "B@x.io", "c@x.io", "d@x.io", "e@x.io"])
        case "billing_email": random.pick(["", "", "a@x.io", "A@x.io", "z@x.io"])
        case "contact_id": random.pick(["", "", "K1", "K2", "K3"])
        case "is_primary": random.pick(["", "true", "false", "no"])
        case "amount": random.pick(["5", "10.00", "20", "-5", "60", random.chance(20) ? "1,5" : "7"])
        case "application_id": random.pick(["", "", "", "L1", "L2", "L3"])
        case "currency": random.pick(["", "", "", "USD", "EUR"])
        case "amount_invoice_currency": random.pick(["", "", "4.00", "4.005"])
        default: random.pick(["", "one", "\"two, or more\"", "\"a\nb\"", "x"])
        }
    }

    private mutating func file(_ type: String, _ header: [String], _ rows: [[String]]) -> LoadingDrop.File {
        files += 1
        var lines = rows.map { $0.joined(separator: ",") }
        // What stands in this file alone: tomorrow the rows are as they were.
        if random.chance(12), let row = lines.randomElement(using: &random) { lines.append(row) }
        if random.chance(8), !lines.isEmpty {
            lines[lines.count - 1] = random.pick(["x,y", ",,\"a\"b,,,,", ",,,,,,"])
        }
        if type == "payment_applications", random.chance(10) {
            lines.append("P\(Int.random(in: 1...5, using: &random)),,0,,,,")
        }
        let text = ([header.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
        return LoadingDrop.File(type, text, name: "\(type)-\(files).csv", mtime: Int64(files))
    }

    private mutating func customersFile() -> LoadingDrop.File {
        files += 1
        let rows = customers.map { "\($0),Name,5,USD" }
        return LoadingDrop.File(
            "customers_with_open_balances",
            "customer_id,name,balance,currency\n" + rows.joined(separator: "\n") + "\n",
            name: "customers-\(files).csv"
        )
    }

    private mutating func invoicesFile() -> LoadingDrop.File {
        files += 1
        let rows = invoices.sorted { $0.key < $1.key }.map { invoice, currency in
            "\(invoice),N\(invoice),C\(random.chance(95) ? String(invoice.dropFirst()) : "1"),2025-01-01,2025-02-01,50,50,\(currency)"
        }
        return LoadingDrop.File(
            "open_invoices",
            "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"
                + rows.joined(separator: "\n") + "\n",
            name: "invoices-\(files).csv"
        )
    }

    private mutating func paymentsFile() -> LoadingDrop.File {
        files += 1
        let rows = payments.sorted { $0.key < $1.key }.map { id, payment in
            "\(id),C1,2025-01-02,\(payment.amount),\(payment.currency),\(payment.status)"
        }
        return LoadingDrop.File(
            "payment_receipts",
            "payment_id,customer_id,payment_date,amount,currency,status\n" + rows.joined(separator: "\n")
                + "\n",
            name: "payments-\(files).csv"
        )
    }

    private mutating func configuration() -> Step {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .configure { $0.blankKeeps.toggle() }
        case 1: .configure { $0.orphansFail.toggle() }
        case 2: .configure { $0.duplicates = .first }
        case 3: .configure { $0.duplicates = .last }
        case 4: .configure { $0.deltaTypes = $0.deltaTypes.isEmpty ? ["contacts"] : [] }
        case 5: .configure { $0.unitesParts.toggle() }
        case 6: .configure { $0.contactsAreSnapshot.toggle() }
        default: .configure { $0.duplicates = .fail }
        }
    }

    /// What users of the product, or of any SQLite tool, do to rows.
    private mutating func edit() -> String {
        let contact = "owner = 'cC\(Int.random(in: 1...5, using: &random))' AND email = '\(value("email"))'"
        return switch Int.random(in: 0..<6, using: &random) {
        case 0: "UPDATE contact SET phone = '777' WHERE \(contact)"
        case 1: "UPDATE contact SET tags = 'mine', entered = '|tags|' WHERE \(contact)"
        case 2: "DELETE FROM contact WHERE \(contact)"
        case 3:
            """
            INSERT INTO contact (customer_id, email, owner, owner_key, source, is_primary)
            VALUES ('C1', 'p@x.io', 'cC1', 'ep@x.io', 'product', 1) ON CONFLICT DO NOTHING
            """
        case 4: "UPDATE payment_line SET amount = 1 WHERE payment_id = '\(value("payment_id"))'"
        default: "UPDATE payment SET amount = 500 WHERE payment_id = '\(value("payment_id"))'"
        }
    }
}
