import Testing

/// The acceptance scenarios of records.md 7 that are about rows, told to the model.
struct ModelTests {
    private let customers = "customer_id,name,balance,currency\nC1,Ann,10.00,USD\nC2,Bob,20.00,USD\n"
    private let invoiceHeader =
        "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency"
    private let contactHeader = "customer_id,invoice_id,email"
    private let receipts = """
        payment_id,customer_id,payment_date,amount,currency
        P1,C1,2025-01-01,100.00,USD
        P2,C1,2025-01-01,50.00,USD
        """

    private func invoice(_ id: String, balance: String = "50.00", due: String = "2025-02-01") -> String {
        "\n\(id),N\(id),C1,2025-01-01,\(due),50.00,\(balance),USD"
    }

    @Test func `b, an invoice that is left out is cleared, and a batch without invoices clears nothing`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        story.day(["customers_with_open_balances": customers])
        #expect(story.column("status", of: "open_invoices") == ["I1": "OPEN", "I2": "OPEN"])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + "\n"])
        #expect(story.column("status", of: "open_invoices") == ["I1": "OPEN", "I2": "CLEARED"])
        #expect(story.column("balance", of: "open_invoices") == ["I1": "50.00", "I2": "0.00"])
        #expect(story.column("cleared_date", of: "open_invoices") == ["I2": "2025-01-04"])
        #expect(story.last.cleared == 1 && story.last.unchanged == 1)
    }

    @Test func `c, a rejected row keeps its invoice open`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2", due: "2025-02-30") + "\n"])
        #expect(story.codes == ["bad_date"] && story.last.rejected == 1)
        #expect(story.column("status", of: "open_invoices")["I2"] == "OPEN")
        #expect(story.column("due_date", of: "open_invoices")["I2"] == "2025-02-01")
    }

    @Test func `c2, a blank key suspends clearing`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("") + "\n"])
        #expect(story.codes == ["required_blank", "absence_suspended"])
        #expect(story.column("status", of: "open_invoices")["I2"] == "OPEN")
    }

    @Test func `d, an absent customer is zeroed, and gets its balance when it returns`() {
        var story = Story(["customers_with_open_balances": customers])
        let header = "customer_id,name,balance,currency,tags\n"
        story.day(["customers_with_open_balances": header + "C1,Ann,10.00,USD,a|b|a\nC2,Bob,20.00,USD,\n"])
        story.day(["customers_with_open_balances": header + "C2,Bob,20.00,USD,\n"])
        #expect(story.column("balance", of: "customers_with_open_balances") == ["C1": "0.00", "C2": "20.00"])
        #expect(story.column("tags", of: "customers_with_open_balances") == ["C1": "a|b"])
        story.day(["customers_with_open_balances": customers])
        #expect(story.column("balance", of: "customers_with_open_balances")["C1"] == "10.00")
    }

    @Test func `e, contacts are replaced for the owners in the file alone`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["contacts": contactHeader + "\nC1,,a@x.io\nC1,,b@x.io\nC1,,c@x.io\nC2,,d@x.io\n"])
        story.day(["contacts": contactHeader + "\nC1,,A@x.io\nC1,,b@x.io\n"])
        #expect(story.all("email", of: "contacts") == ["A@x.io", "b@x.io", "d@x.io"])
        #expect(story.last.deleted == 1 && story.last.updated == 1 && story.last.unchanged == 1)
    }

    @Test func `e2, a bad row of an owner keeps all its contacts`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["contacts": contactHeader + "\nC1,,a@x.io\nC1,,b@x.io\nC1,,c@x.io\n"])
        story.day(["contacts": contactHeader + "\nC1,,n@x.io\nC1,,nonsense\n"])
        #expect(story.all("email", of: "contacts") == ["a@x.io", "b@x.io", "c@x.io", "n@x.io"])
    }

    @Test func `f, lines replace the set of their payment`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["payment_receipts": receipts])
        let header = "payment_id,invoice_id,amount"
        story.day(["payment_applications": header + "\nP1,I1,40\nP1,I2,60\nP2,I3,5.00\n"])
        story.day(["payment_applications": header + "\nP1,I2,60.00\n"])
        #expect(story.all("invoice_id", of: "payment_applications") == ["I2", "I3"])
        let unapplied = story.column("unapplied_amount", of: "payment_receipts")
        #expect(unapplied == ["P1": "40.00", "P2": "45.00"] && story.last.deleted == 1)
    }

    @Test func `f2, a set above the payment is rejected whole`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["payment_receipts": receipts])
        let header = "payment_id,invoice_id,amount"
        story.day(["payment_applications": header + "\nP1,I1,40\n"])
        story.day(["payment_applications": header + "\nP1,I1,60\nP1,I2,60\n"])
        #expect(story.codes == ["over_applied", "over_applied"])
        #expect(story.all("amount", of: "payment_applications") == ["40.00"])
    }

    @Test func `f3, a line to an unknown invoice is kept`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["payment_receipts": receipts])
        story.day(["payment_applications": "payment_id,invoice_id,amount\nP1,I9,40\n"])
        #expect(story.codes == ["invoice_unresolved"] && story.last.inserted == 1)
        #expect(story.column("unapplied_amount", of: "payment_receipts")["P1"] == "60.00")
    }

    @Test func `g, a child may stand before its parent`() {
        let header = "customer_id,name,balance,currency,parent_id\n"
        let story = Story(["customers_with_open_balances": header + "K,Kid,1.00,USD,M\nM,Mother,1.00,USD,\n"])
        #expect(story.column("parent_id", of: "customers_with_open_balances") == ["K": "M"])
        #expect(story.codes == [])
    }

    @Test func `q, the same file twice is a duplicate`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["customers_with_open_balances": customers])
        #expect(story.last.state == "duplicate" && story.last.unchanged == 2)
    }

    @Test func `r, decimals are those of the currency`() {
        let header = "customer_id,name,balance,currency\n"
        let story = Story([
            "customers_with_open_balances": header + "A,A,10.5,JPY\nB,B,1.234,KWD\nC,C,10.00,JPY\n"
        ])
        #expect(story.codes == ["too_many_decimals"])
        #expect(story.column("balance", of: "customers_with_open_balances") == ["B": "1.234", "C": "10"])
    }

    @Test func `u, two dated files end as the newer, and two halves do not clear each other`() {
        var story = Story(["customers_with_open_balances": customers])
        let (one, two) = (invoiceHeader + invoice("I1") + "\n", invoiceHeader + invoice("I2") + "\n")
        story.files([("open_invoices", "i-2025-01-02.csv", two), ("open_invoices", "i-2025-01-01.csv", one)])
        #expect(story.column("status", of: "open_invoices") == ["I1": "CLEARED", "I2": "OPEN"])
        #expect(story.ledger.results.suffix(2).allSatisfy { $0.warnings == 1 && $0.state == "loaded" })
        story.files([("open_invoices", "a.csv", two), ("open_invoices", "b.csv", one)])
        #expect(story.column("status", of: "open_invoices") == ["I1": "OPEN", "I2": "OPEN"])
    }

    @Test func `v, differing rows of one key are all rejected`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        let rows = invoice("I1", balance: "1.00") + invoice("I1", balance: "2.00") + invoice("I2")
        story.day(["open_invoices": invoiceHeader + rows + invoice("I2") + "\n"])
        #expect(story.codes == ["duplicate_key", "duplicate_key", "duplicate_identical"])
        #expect(story.column("balance", of: "open_invoices")["I1"] == "50.00")
        #expect(story.last.unchanged == 2 && story.last.cleared == 0)
    }

    @Test func `w, ids are text`() {
        let header = "customer_id,name,balance,currency\n"
        let story = Story(["customers_with_open_balances": header + "00012,A,1.00,USD\n12,B,1.00,USD\n"])
        #expect(story.column("name", of: "customers_with_open_balances") == ["00012": "A", "12": "B"])
    }

    @Test func `x, a cleared invoice that returns is open again`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + "\n"])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        #expect(story.column("status", of: "open_invoices") == ["I1": "OPEN", "I2": "OPEN"])
        #expect(story.column("cleared_date", of: "open_invoices") == [:] && story.last.reopened == 1)
    }

    @Test func `y, a mended error report only upserts`() {
        var story = Story(["customers_with_open_balances": customers])
        story.day(["open_invoices": invoiceHeader + invoice("I1") + invoice("I2") + "\n"])
        let row = "\n,,7" + invoice("I1", balance: "5.00").replacing("\n", with: ",")
        story.day(["open_invoices": "error_codes,error_messages,row_number," + invoiceHeader + row + "\n"])
        #expect(story.column("balance", of: "open_invoices") == ["I1": "5.00", "I2": "50.00"])
        #expect(story.codes == [] && story.last.updated == 1)
    }
}

/// A model that is fed one batch a day, the first on 2025-01-01 at noon.
struct Story {
    var ledger: ModelLedger
    var days = 0

    init(_ first: [String: String] = [:], settings: ModelSettings = ModelSettings()) {
        ledger = ModelLedger(settings: settings)
        day(first)
    }

    mutating func day(_ texts: [String: String]) {
        files(texts.map { ($0.key, "file\(days).csv", $0.value) })
    }

    mutating func files(_ files: [(type: String, name: String, text: String)]) {
        let batch = ModelBatch(
            slot: 1_735_732_800 + days * 86400,
            files: files.map { ModelFile(type: $0.type, name: $0.name, text: $0.text) }
        )
        ledger.perform(.batch(batch))
        days += 1
    }

    var last: ModelFileResult { ledger.results[ledger.results.count - 1] }

    /// The codes of the last file in the order of finding.
    var codes: [String] {
        let ofRows = last.issues.filter { $0.record != nil }
        return (ofRows + last.issues.filter { $0.record == nil }).map(\.code)
    }

    /// Key to value for each record that has one.
    func column(_ column: String, of type: String) -> [String: String] {
        guard let type = ModelType.named(type) else { return [:] }
        let pairs = ledger.view(type).compactMap { row in
            row[column].flatMap { value in row[type.idColumn].map { ($0, value) } }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The values of a column, sorted.
    func all(_ column: String, of type: String) -> [String] {
        ModelType.named(type).map { ledger.view($0).compactMap { $0[column] }.sorted() } ?? []
    }
}
