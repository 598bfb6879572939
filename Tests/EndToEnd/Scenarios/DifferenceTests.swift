import Foundation
import TestSupport
import Testing

/// What a change would come to, asked before it is made: by verbs, and by senders who have no account.
@Suite(.timeLimit(.minutes(5)))
struct DifferenceTests {
    private static let views =
        "SELECT * FROM open_invoices UNION ALL SELECT * FROM open_invoices WHERE 0 ORDER BY invoice_id"

    /// A drop with a held file.
    private func heldDrop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"), .invoices((1...30).map { invoice("I\($0)") }))
        try await drop.poll()
        let rows = (1...4).map { invoice("I\($0)", $0 == 4 ? ["balance": "40.00"] : [:]) }
        try await drop.put(
            .invoices(rows + [invoice("I99"), invoice("I98", ["balance": "x"])], name: "cut.csv")
        )
        try await drop.poll(65)
        return drop
    }

    @Test func `a release is looked at row by row first, by the daemon as without it`() async throws {
        let drop = try await heldDrop()
        let before = try drop.query(Self.views)
        let files = try drop.query("SELECT * FROM files")
        let alone = try await drop.run("release", "cut.csv", "--dry-run", "--values")
        #expect(alone.status == 65, "\(alone.errors)")
        let lines = alone.output.split(separator: "\n").map(String.init)
        #expect(
            lines.first?.contains("would be loaded_with_errors: 6 rows, 1 inserted, 1 updated, 3 unchanged")
                == true
        )
        #expect(lines.contains("inserted line 6 I99"))
        #expect(lines.contains("updated line 5 I4: balance \"100.00\" -> \"40.00\""))
        #expect(lines.contains("rejected line 7 balance bad_decimal"))
        #expect(lines.filter { $0.hasPrefix("cleared I") }.count == 26)

        let daemon = try drop.launch("run")
        try await TestSupport.poll("the daemon") {
            try drop.log("daemon.started").isEmpty ? nil : true
        }
        let asked = try await drop.run("release", "cut.csv", "--dry-run", "--format", "json", "--all")
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(asked.output.utf8)) as? [String: Any]
        )
        let rows = try #require(answer["rows"] as? [[String: Any]])
        #expect(
            rows.count == 29 && answer["rows_cleared"] as? Int == 26 && answer["dry_run"] as? Bool == true
        )
        let updated = try #require(rows.first { $0["kind"] as? String == "updated" })
        #expect(updated["key"] as? String == "I4" && updated["line"] as? Int == 5)
        #expect((updated["changes"] as? [[String: String]]) == [["column": "balance"]])

        #expect(try drop.query(Self.views) == before)
        #expect(try drop.query("SELECT * FROM files") == files)
        try drop.expect(
            "SELECT DISTINCT event || ' ' || json_extract(detail, '$.request') FROM events WHERE seq > "
                + "(SELECT max(seq) FROM events WHERE event = 'file.held') AND event LIKE 'request.%'",
            gives: ["request.received release --dry-run"]
        )
        #expect(try drop.folder.names(in: "state/requests").isEmpty)
        try drop.expectInvariants()
    }

    @Test func `check lists what local files would change, each judged with those before it`() async throws {
        let drop = try await heldDrop()
        let before = try drop.query(Self.views)
        try drop.folder.write(
            Array("customer_id,name,balance,currency\nC1,Acme,2.00,USD\nC2,New,3.00,USD\n".utf8),
            to: "customers.csv"
        )
        try drop.folder.write(
            Array("\(DroppedFile.invoiceHeader)\n\(invoice("I1", ["customer_id": "C2"]))\n".utf8),
            to: "error_invoices.csv"
        )
        let customers = drop.folder.path("customers.csv")
        let checked = try await drop.run(
            "check",
            customers,
            "--type",
            "customers_with_open_balances",
            "--changes",
            "--values"
        )
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(
            checked.output.contains("\(customers): updated line 2 C1: balance \"1.00\" -> \"2.00\"\n")
                && checked.output.contains("\(customers): inserted line 3 C2\n"),
            "\(checked.output)"
        )
        let json = try await drop.run(
            "check",
            customers,
            "--type",
            "customers_with_open_balances",
            "--format",
            "json"
        )
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        )
        #expect((list.first?["rows"] as? [Any])?.count == 2 && list.first?["state"] as? String == "loaded")
        #expect(try drop.query(Self.views) == before)
    }

    @Test func `a file in validate is answered with a report, and loads nothing`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"), .invoices(invoice("I1"), invoice("I2")))
        try await drop.poll()
        let rows = [invoice("I1", ["balance": "5.00"]), invoice("I3"), invoice("I4", ["due_date": "soon"])]
        let text = ([DroppedFile.invoiceHeader] + rows).map { "\($0)\n" }.joined()
        try await drop.put(
            DroppedFile(text, in: "validate/open_invoices", name: "try.csv"),
            DroppedFile("not,for,us\n", in: "validate/unknown_type", name: "try.csv"),
            .customers("C1,Acme,1.00,USD")
        )
        let before = try drop.query(Self.views)
        try await drop.poll()
        try drop.expect("SELECT listed, batched FROM runs ORDER BY run_id DESC LIMIT 1", gives: ["1|1"])
        #expect(try drop.query(Self.views) == before)
        try drop.expect("SELECT count(*) FROM files WHERE name = 'try.csv'", gives: ["0"])
        #expect(try drop.listing("validate/open_invoices") == ["done", "try.csv.report.csv"])
        #expect(try drop.listing("validate/open_invoices/done") == ["try.csv"])
        let report = try drop.server.folder.text("inbox/validate/open_invoices/try.csv.report.csv")
        let lines = report.split(separator: "\r\n").map(String.init)
        #expect(lines.first == "line,result,key,column,code,message")
        #expect(lines.contains { $0.hasPrefix(",summary,,,loaded_with_errors,") }, "\(report)")
        #expect(lines.contains { $0.hasPrefix("4,error,,due_date,bad_date,") }, "\(report)")
        #expect(lines.contains { $0.hasPrefix("2,updated,I1,balance,") }, "\(report)")
        #expect(lines.contains { $0.hasPrefix("3,inserted,I3,") }, "\(report)")
        #expect(lines.contains { $0.hasPrefix(",cleared,I2,") }, "\(report)")
        #expect(try drop.log("file.validated").map(\.name) == ["try.csv"])

        let explained = try await drop.run("explain", "try.csv")
        #expect(explained.status == 66)
        #expect(explained.errors.contains("its report was written there"), "\(explained.errors)")

        // The same again changes nothing; another file of the name gets a report of its own.
        try await drop.poll()
        #expect(try drop.log("file.validated").count == 1)
        try await drop.put(DroppedFile("invoice_id\n", in: "validate/open_invoices", name: "try.csv"))
        try await drop.poll()
        #expect(try drop.listing("validate/open_invoices").count == 3)
        #expect(try drop.listing("validate/open_invoices/done").count == 2)
        try drop.expectInvariants()
    }

    @Test func `where nothing may be written a validated file is told of, once, and stays`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["after: leave"]))
        let text = "\(DroppedFile.invoiceHeader)\n\(invoice("I1"))\n"
        try await drop.put(DroppedFile(text, in: "validate/open_invoices", name: "try.csv"))
        try await drop.poll()
        try await drop.poll()
        #expect(try drop.listing("validate/open_invoices") == ["try.csv"])
        let told = try drop.query("SELECT detail FROM events WHERE event = 'file.validated'")
        #expect(told.count == 1 && told.first?.contains("\"report\":false") == true)
        #expect(told.first?.contains("\"rows_parked\":1") == true)
    }

    @Test func `balances that do not come out are listed, measured and told of`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(loading: ["variance_alert: true"]))
        try await drop.put(.customers("C1,Acme,150.00,USD", "C2,Beta,100.00,USD"))
        try await drop.put(.invoices(invoice("I1"), invoice("I2", ["customer_id": "C2"])))
        try await drop.poll()
        let listed = try await drop.run("reconcile")
        #expect(listed.status == 65, "\(listed.errors)")
        #expect(listed.output.contains("1 of 2 customers"))
        #expect(listed.output.contains("C1  USD  stated 150.00  computed 100.00  variance 50.00\n"))
        let csv = try await drop.run("reconcile", "--format", "csv")
        #expect(csv.output.contains("C1,Acme,USD,150.00,100.00,50.00\r\n"))
        let json = try await drop.run("reconcile", "--format", "json")
        let whole = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        )
        #expect(whole["variances"] as? Int == 1 && (whole["items"] as? [Any])?.count == 1)
        #expect(try drop.mailKinds() == ["incident"])
        #expect(try drop.mails().last?.body.contains("ledgerdrop reconcile") == true)
        #expect(try drop.mails().last?.body.contains("C1") == false)

        try await drop.put(.customers("C1,Acme,100.00,USD", "C2,Beta,100.00,USD", name: "mended.csv"))
        try await drop.poll()
        #expect(try await drop.run("reconcile").status == 0)
        #expect(try drop.mailKinds() == ["incident", "recovery"])
        try drop.expectInvariants()
    }
}
