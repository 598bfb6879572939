import TestSupport
import Testing

/// The ways in which an inbox may be set up.
@Suite(.timeLimit(.minutes(5)))
struct InboxTests {
    private static let customers = "customer_id,name,balance,currency\n"
    private static let stored = "SELECT customer_id, balance FROM customers_with_open_balances ORDER BY 1"

    @Test func `a flat inbox tells types by names, and what is left there is not loaded again`() async throws
    {
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["layout: flat", "after: leave"]))
        let invoices =
            DroppedFile.invoiceHeader + "\n" + invoice("I1") + "\n" + invoice("I2", ["amount": "x"]) + "\n"
        let all = [
            DroppedFile(
                Self.customers + "C1,Acme,1.00,USD\n",
                in: "pending",
                name: "Customers-2025-01-05.csv"
            ),
            DroppedFile(invoices, in: "pending", name: "invoices 20250105.csv"),
            DroppedFile("a,b\n1,2\n", in: "pending", name: "surprise.csv"),
        ]
        try await drop.put(all)
        try await drop.poll(65)
        try drop.expect(
            "SELECT name, type, state, reason FROM files ORDER BY name",
            gives: [
                "Customers-2025-01-05.csv|customers_with_open_balances|loaded|-",
                "invoices 20250105.csv|open_invoices|loaded_with_errors|-",
                "surprise.csv|-|failed|unknown_type",
            ]
        )
        // Nothing is moved, and no report is written.
        #expect(try drop.listing("pending") == all.map(\.name))
        #expect(try drop.listing("failed") == [])

        try await drop.poll()
        try drop.expect("SELECT settled FROM runs ORDER BY run_id DESC LIMIT 1", gives: ["3"])
        #expect(try drop.mailKinds() == ["digest"])

        let newer = DroppedFile(Self.customers + "C1,Acme,22.00,USD\n", in: "pending", name: all[0].name)
        try await drop.put(newer)
        try await drop.poll()
        try drop.expect(Self.stored, gives: ["C1|22.00"])
        try drop.expectInvariants()
    }

    @Test func `delete takes what was loaded whole, and moves the rest`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["after: delete"]))
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices(invoice("I1"), invoice("I2", ["amount": "x"])),
            .sheet("contacts", "customer_id,first_name", ["C1,Ada"])
        )
        try await drop.poll(65)
        #expect(try drop.listing("customers_with_open_balances/pending") == [])
        #expect(try drop.listing("customers_with_open_balances/processed") == [])
        #expect(try drop.listing("open_invoices/processed") == ["open_invoices.csv"])
        #expect(try drop.listing("open_invoices/failed") == ["open_invoices.csv.errors.csv"])
        #expect(try drop.listing("contacts/failed") == ["contacts.csv", "contacts.csv.errors.csv"])
        try drop.expectInvariants()
    }

    @Test func `a name that is taken in processed is never overwritten`() async throws {
        let drop = try await EndToEndDrop.start()
        for balance in 1...3 {
            try await drop.put(.customers("C1,Acme,\(balance).00,USD"))
            try await drop.poll()
        }
        try drop.expect(Self.stored, gives: ["C1|3.00"])
        let names = try drop.listing("customers_with_open_balances/processed")
        #expect(names.count == 3)
        #expect(names.contains("customers_with_open_balances.csv"))
        try drop.expectInvariants()
    }

    @Test func `with a marker a file waits until its hash is there`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["marker: sha256"]))
        let file = DroppedFile.customers("C1,Acme,1.00,USD", name: "c.csv")
        try await drop.put(file)
        try await drop.poll()
        try drop.expect("SELECT name, state, reason FROM files", gives: ["c.csv|waiting|marker_missing"])
        let local = try drop.folder.write(file.bytes, to: "c.csv")
        let hash = try await runTool(["/usr/bin/sha256sum", local]).prefix(64)
        try await drop.put(DroppedFile("\(hash)  c.csv\n", in: file.folder, name: "c.csv.sha256"))
        try await drop.poll()
        try drop.expect(Self.stored, gives: ["C1|1.00"])
        try drop.expectInvariants()
    }
}
