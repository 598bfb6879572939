import Testing

/// Scenarios b, c, c2, j, q, r, u, v, x and y: what an invoice file does to the invoices that are there.
@Suite(.timeLimit(.minutes(5)))
struct InvoiceTests {
    private static let statuses =
        "SELECT invoice_id, status, balance FROM open_invoices ORDER BY invoice_id"
    private static let customers = DroppedFile.customers("C1,Acme,100.00,USD")

    /// A drop in which I1 and I2 are open.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.customers, .invoices(invoice("I1"), invoice("I2", ["balance": "50.00"])))
        try await drop.poll()
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|OPEN|50.00"])
        return drop
    }

    @Test func `b: an invoice that is absent from the file is cleared, and without a file nothing is`()
        async throws
    {
        let drop = try await drop()
        try await drop.put(Self.customers)
        try await drop.poll()
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|OPEN|50.00"])

        try await drop.put(.invoices(invoice("I1")))
        try await drop.poll()
        let day = try drop.query("SELECT substr(slot, 1, 10) FROM runs ORDER BY run_id DESC LIMIT 1")
        let cleared =
            "SELECT status, balance, amount, cleared_date FROM open_invoices WHERE invoice_id = 'I2'"
        try drop.expect(cleared, gives: day.map { "CLEARED|0.00|100.00|\($0)" })
        #expect(try drop.log("file.loaded").last?.rowsCleared == 1)
        try drop.expectInvariants()
    }

    @Test func `c: a rejected row is not a missing row`() async throws {
        let drop = try await drop()
        try await drop.put(
            .invoices(invoice("I1"), invoice("I2", ["due_date": "2025-02-30", "balance": "7.00"]))
        )
        try await drop.poll(65)
        try drop.expectIssues(["3|error|bad_date|due_date"])
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|OPEN|50.00"])
        try drop.expect("SELECT due_date FROM open_invoices WHERE invoice_id = 'I2'", gives: ["2025-01-31"])
        let report = try drop.report("open_invoices")
        #expect(report.contains("bad_date") && report.contains("2025-02-30"))
        try drop.expectInvariants()
    }

    @Test func `c2: a row without a key suspends clearing`() async throws {
        let drop = try await drop()
        try await drop.put(.invoices(invoice("I1", ["balance": "60.00"]), invoice("")))
        try await drop.poll(65)
        try drop.expectIssues(["-|warning|absence_suspended|-", "3|error|required_blank|invoice_id"])
        try drop.expect(Self.statuses, gives: ["I1|OPEN|60.00", "I2|OPEN|50.00"])
        try drop.expectInvariants()
    }

    @Test func `j: a misspelt required column fails the file, a misspelt other one is custom and told`()
        async throws
    {
        let drop = try await drop()
        let header = DroppedFile.invoiceHeader.replacing("due_date", with: "due_dat")
        try await drop.put(.sheet("open_invoices", header, [invoice("I1")], name: "due.csv"))
        try await drop.poll(65)
        #expect(try drop.files("open_invoices").last?.hasPrefix("failed|missing_required_column|") == true)
        let message = try #require(
            try drop.query("SELECT message FROM row_issues WHERE code = 'missing_required_column'").first
        )
        #expect(message.contains("due_date") && message.contains("Did you mean \"due_dat\"?"))
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|OPEN|50.00"])
        #expect(try drop.listing("open_invoices/failed") == ["due.csv", "due.csv.errors.csv"])

        let near = DroppedFile.invoiceHeader + ",po_numbr"
        let rows = [invoice("I1") + ",4711", invoice("I2", ["balance": "50.00"]) + ","]
        try await drop.put(.sheet("open_invoices", near, rows, name: "po.csv"))
        try await drop.poll()
        try drop.expect(
            "SELECT custom ->> 'po_numbr', po_number FROM open_invoices WHERE invoice_id = 'I1'",
            gives: ["4711|-"]
        )
        let codes = try drop.query("SELECT code FROM row_issues WHERE severity = 'warning' ORDER BY code")
        #expect(codes == ["near_miss_column", "unknown_column_custom"])
        let digest = try #require(try drop.mails().last { $0.body.contains("po_numbr") })
        #expect(digest.body.contains("po_number"))
        try drop.expectInvariants()
    }

    @Test func `q: the same file twice changes nothing and is a duplicate`() async throws {
        let drop = try await drop()
        let rows = "SELECT * FROM open_invoices ORDER BY invoice_id"
        let before = try drop.query(rows)
        try await drop.put(.invoices(invoice("I1"), invoice("I2", ["balance": "50.00"])))
        try await drop.poll()
        #expect(try drop.files("open_invoices").last == "duplicate|nothing_changed|2=0+0+2+0+0")
        try drop.expect(rows, gives: before)
        #expect(try drop.mailKinds() == [])
        #expect(try drop.listing("open_invoices/processed").count == 2)
        try drop.expectInvariants()
    }

    @Test func `r: decimals are those of the currency`() async throws {
        let drop = try await drop()
        func row(_ id: String, _ amount: String, _ currency: String) -> String {
            invoice(id, ["amount": amount, "balance": amount, "currency": currency])
        }
        try await drop.put(
            .invoices(row("J1", "10.5", "JPY"), row("K1", "1.234", "KWD"), row("J2", "10.00", "JPY"))
        )
        try await drop.poll(65)
        try drop.expectIssues([
            "2|error|too_many_decimals|amount", "2|error|too_many_decimals|balance",
        ])
        try drop.expect(
            "SELECT invoice_id, amount FROM open_invoices WHERE status = 'OPEN' ORDER BY 1",
            gives: ["J2|10", "K1|1.234"]
        )
        try drop.expectInvariants()
    }

    @Test func `u: of two full files the newer one has the last word`() async throws {
        let drop = try await drop()
        try await drop.put(
            .invoices(invoice("I2", ["balance": "20.00"]), invoice("I3"), name: "open-2025-01-07.csv"),
            .invoices(invoice("I1", ["balance": "10.00"]), invoice("I2"), name: "open-2025-01-06.csv")
        )
        try await drop.poll()
        try drop.expect(Self.statuses, gives: ["I1|CLEARED|0.00", "I2|OPEN|20.00", "I3|OPEN|100.00"])
        let settled = try drop.log("file.loaded").suffix(2).map(\.name)
        #expect(settled == ["open-2025-01-06.csv", "open-2025-01-07.csv"])
        let warned = "SELECT count(*) FROM row_issues WHERE code = 'several_files_of_type'"
        try drop.expect(warned, gives: ["2"])
        try drop.expectInvariants()
    }

    @Test func `u: two halves of one snapshot clear nothing of each other`() async throws {
        let drop = try await drop()
        try await drop.put(
            .invoices(invoice("I1"), name: "north.csv"),
            .invoices(invoice("I3"), name: "south.csv")
        )
        try await drop.poll()
        // I2 stands in neither half.
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|CLEARED|0.00", "I3|OPEN|100.00"])
        let warned = "SELECT count(*) FROM row_issues WHERE code = 'several_files_of_type'"
        try drop.expect(warned, gives: ["2"])
        try drop.expectInvariants()
    }

    @Test func `v: differing rows of one invoice are both rejected`() async throws {
        let drop = try await drop()
        try await drop.put(
            .invoices(
                invoice("I1"),
                invoice("I2", ["balance": "1.00"]),
                invoice("I2", ["balance": "2.00"])
            )
        )
        try await drop.poll(65)
        try drop.expectIssues(["3|error|duplicate_key|invoice_id", "4|error|duplicate_key|invoice_id"])
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|OPEN|50.00"])
        try drop.expectInvariants()
    }

    @Test func `x: a cleared invoice that returns is open again and counted`() async throws {
        let drop = try await drop()
        try await drop.put(.invoices(invoice("I1")))
        try await drop.poll()
        #expect(try drop.query(Self.statuses).last == "I2|CLEARED|0.00")
        try await drop.put(.invoices(invoice("I1"), invoice("I2", ["balance": "50.00"])))
        try await drop.poll()
        #expect(try drop.query(Self.statuses).last == "I2|OPEN|50.00")
        let cleared = "SELECT cleared_date FROM open_invoices WHERE invoice_id = 'I2'"
        try drop.expect(cleared, gives: ["-"])
        let reopened = try drop.query(
            "SELECT detail ->> 'rows_reopened' FROM events WHERE event = 'file.loaded' ORDER BY seq DESC LIMIT 1"
        )
        #expect(reopened == ["1"])
        try drop.expectInvariants()
    }

    @Test func `y: a repaired error report upserts its rows and clears nothing`() async throws {
        let drop = try await drop()
        try await drop.put(
            .invoices(
                invoice("I1"),
                invoice("I2", ["due_date": "soon", "balance": "20.00"]),
                invoice("I3", ["due_date": "later", "balance": "30.00"])
            )
        )
        try await drop.poll(65)
        let report = try await drop.run("errors", "open_invoices.csv")
        #expect(report.status == 0, "\(report.errors)")
        let uploaded = try drop.report("open_invoices")
        #expect(report.output == uploaded)
        let lines = report.output.split(whereSeparator: \.isNewline)
        #expect(lines.first?.hasPrefix("error_codes,error_messages,row_number,invoice_id") == true)
        #expect(lines.count == 3)

        // What a person does in a spreadsheet: only the two cells change.
        let mended = report.output.split(separator: "\r\n").map { line -> String in
            guard !line.hasPrefix("error_codes") else { return String(line) }
            return String(line).replacing(",soon,", with: ",2025-03-01,").replacing(
                ",later,",
                with: ",2025-03-02,"
            )
        }
        let repaired = mended.map { $0 + "\r\n" }.joined()
        try await drop.put(DroppedFile(repaired, in: "open_invoices/pending", name: "repaired.csv"))
        try await drop.poll()
        #expect(try drop.files("open_invoices").last == "loaded|-|2=1+1+0+0+0")
        try drop.expect(Self.statuses, gives: ["I1|OPEN|100.00", "I2|OPEN|20.00", "I3|OPEN|30.00"])
        try drop.expect("SELECT DISTINCT custom FROM open_invoices", gives: ["{}"])
        try drop.expectInvariants()
    }
}
