import Testing

/// Scenarios d, g and w: customers.
@Suite(.timeLimit(.minutes(5)))
struct CustomerTests {
    @Test func `d: a customer who is absent owes nothing, and stays with everything else`() async throws {
        let drop = try await EndToEndDrop.start()
        let header = "customer_id,name,balance,currency,tags"
        func customers(_ rows: String...) -> DroppedFile {
            .sheet("customers_with_open_balances", header, rows)
        }
        let stored =
            "SELECT customer_id, balance, tags FROM customers_with_open_balances ORDER BY customer_id"
        try await drop.put(
            customers("C1,Acme,100.00,USD,gold", "C2,Bolt,50.00,USD,silver|slow"),
            .contacts("C2,cfo@bolt.example,Ada")
        )
        try await drop.poll()
        try await drop.put(customers("C1,Acme,100.00,USD,gold"))
        try await drop.poll()
        try drop.expect(stored, gives: ["C1|100.00|gold", "C2|0.00|silver|slow"])
        try drop.expect("SELECT customer_id, email FROM contacts", gives: ["C2|cfo@bolt.example"])
        #expect(try drop.log("file.loaded").last?.rowsCleared == 1)
        try await drop.put(customers("C1,Acme,100.00,USD,gold", "C2,Bolt,70.00,USD,silver|slow"))
        try await drop.poll()
        #expect(try drop.query(stored).last == "C2|70.00|silver|slow")
        try drop.expectInvariants()
    }

    @Test func `g: a child before its parent in one file is linked`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .sheet(
                "customers_with_open_balances",
                "customer_id,name,balance,currency,parent_id,subsidiary_id",
                ["C2,Child,1.00,USD,C1,S2", "C1,Parent,1.00,USD,,S1"]
            ),
            .sheet("subsidiaries", "subsidiary_id,name,parent_id", ["S2,Two,S1", "S1,One,"])
        )
        try await drop.poll()
        try drop.expect(
            "SELECT customer_id, parent_id FROM customers_with_open_balances ORDER BY 1",
            gives: ["C1|-", "C2|C1"]
        )
        try drop.expect(
            "SELECT subsidiary_id, parent_id FROM subsidiaries ORDER BY 1",
            gives: ["S1|-", "S2|S1"]
        )
        try drop.expectInvariants()
    }

    @Test func `w: ids are text, and 00012 is not 12`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("00012,Acme,1.00,USD", "12,Bolt,2.00,USD"))
        try await drop.poll()
        try drop.expect(
            "SELECT customer_id, balance FROM customers_with_open_balances ORDER BY 1",
            gives: ["00012|1.00", "12|2.00"]
        )
        try drop.expectInvariants()
    }
}
