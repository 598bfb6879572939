import Testing

/// The parts of the model that everything else rests on.
struct ModelPartsTests {
    @Test func `cells, line ends and damage are read as records say`() {
        let text = "a,b\r\n\"x, \"\"y\"\"\n2\",1\n\n\"q\"z,1\na\rb,2\nm\"n,3"
        let records = NaiveReader(Array(text.utf8), delimiter: UInt8(ascii: ",")).records
        #expect(records.map(\.record) == [1, 2, 3, 4, 5, 6])
        #expect(records.map(\.line) == [1, 2, 4, 5, 6, 7])
        #expect(records[1].cells == ["x, \"y\"\n2", "1"] && records[5].cells == ["m\"n", "3"])
        #expect(records.map(\.damage) == [nil, nil, nil, "bad_quoting", "stray_cr", nil])
        #expect(records.map(\.hasLineEnd) == [true, true, true, true, true, false])
        #expect(NaiveReader(Array("a\rb\r".utf8), delimiter: 44).records.map(\.cells) == [["a"], ["b"]])
        #expect(NaiveReader(Array("a\n\"b\n".utf8), delimiter: 44).endsInsideQuotes)
    }

    @Test(arguments: [
        ("i-2025-01-05.csv", "20250105 "), ("i20250105T1200.csv", "20250105 1200"),
        ("x_20250105_120000-b.csv", "20250105 120000"), ("2025-01-05_12.csv", "20250105 "),
        ("2025-13-01.csv", nil), ("120250105.csv", nil), ("2025-01-05-2025-01-06.csv", nil),
        ("1999-01-01", nil),
    ])
    func `a name carries one date or none`(name: String, expected: String?) {
        #expect(ModelNameDate(name).map { "\($0.day) \($0.time)" } == expected)
    }

    @Test func `timestamps are kept in UTC`() {
        guard case .stored(let text) = ModelValue("2025-01-06T01:00:00+02:00", as: .timestamp) else {
            Issue.record("refused")
            return
        }
        #expect(text == "2025-01-05T23:00:00Z")
        for bad in ["2025-01-06", "2025-01-06T01:00:00", "2025-02-30T01:00:00Z", "yesterday"] {
            guard case .wrong = ModelValue(Text(bad), as: .timestamp) else {
                Issue.record("accepted \(bad)")
                return
            }
        }
    }

    @Test func `an orphan is parked, and heals when its parent comes`() {
        var story = Story()
        let invoices = "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"
        story.day(["open_invoices": invoices + "I1,1,C1,2025-01-01,2025-02-01,5,5,USD\n"])
        #expect(story.last.parked == 1 && story.last.state == "loaded_with_errors")
        story.day(["customers_with_open_balances": "customer_id,name,balance,currency\nC1,Ann,5,USD\n"])
        let file = story.ledger.results[0]
        #expect(file.parked == 0 && file.inserted == 1 && file.issues.isEmpty)
        #expect(story.column("balance", of: "open_invoices") == ["I1": "5.00"])
    }

    @Test func `an orphan ends unhealed after seven days`() {
        var story = Story()
        let contacts = "customer_id,email\nC1,a@x.io\n"
        story.day(["contacts": contacts])
        for _ in 0..<7 { story.day([:]) }
        #expect(story.ledger.results[0].parked == 0 && story.ledger.results[0].rejected == 1)
    }

    @Test func `a file that would clear too much is held, released or superseded`() {
        var settings = ModelSettings()
        settings.guardRows = 2
        var story = Story([:], settings: settings)
        let header = "customer_id,name,balance,currency\n"
        let rows = (1...5).map { "C\($0),N,1,USD\n" }
        story.day(["customers_with_open_balances": header + rows.joined()])
        story.day(["customers_with_open_balances": header + rows[0...2].joined()])
        #expect(story.last.state == "loaded" && story.last.cleared == 2)
        story.day(["customers_with_open_balances": header + rows[0]])
        #expect(story.last.state == "held" && story.last.total == 0)
        var released = story
        released.ledger.perform(
            .release(type: "customers_with_open_balances", name: "file3.csv", at: 1_736_000_000)
        )
        #expect(released.last.state == "loaded" && released.last.cleared == 2)
        story.day(["customers_with_open_balances": header + rows.joined()])
        #expect(story.ledger.results.map(\.state) == ["loaded", "loaded", "superseded", "loaded"])
    }

    @Test func `customers in a loop lose their parents, subsidiaries in a loop are rejected`() {
        let customers = "customer_id,name,balance,currency,parent_id\nA,A,1,USD,B\nB,B,1,USD,A\nC,C,1,USD,A\n"
        let subsidiaries = "subsidiary_id,name,parent_id\nA,A,B\nB,B,A\nC,C,A\nD,D,\n"
        var story = Story(["customers_with_open_balances": customers])
        #expect(story.column("parent_id", of: "customers_with_open_balances") == ["C": "A"])
        #expect(story.codes == ["parent_cycle", "parent_cycle"] && story.last.inserted == 3)
        story.day(["subsidiaries": subsidiaries])
        #expect(story.codes == ["parent_cycle", "parent_cycle", "parent_not_found"])
        #expect(story.last.inserted == 1 && story.last.rejected == 2 && story.last.parked == 1)
    }

    @Test func `keys are compared as bytes`() {
        let header = "customer_id,name,balance,currency\n"
        let story = Story(["customers_with_open_balances": header + "\u{E9},A,1,USD\ne\u{301},B,1,USD\n"])
        #expect(
            story.last.inserted == 2 && story.all("name", of: "customers_with_open_balances") == ["A", "B"]
        )
    }
}
