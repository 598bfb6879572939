import Testing

/// Scenario a: an invoice is complete at 11:30, its new customer at 12:05.
@Suite(.timeLimit(.minutes(5)))
struct SeedCaseTests {
    private static let i1 = DroppedFile.invoices(invoice("I1"), name: "invoices-2025-01-05.csv")
    private static let c1 = DroppedFile.customers("C1,Acme,100.00,USD", name: "customers-2025-01-05.csv")
    private static let open = "SELECT invoice_id, customer_id, status, balance FROM open_invoices"

    /// Both runs of the case, in order.
    private func drop(_ settings: DropSettings) async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start(settings)
        try await drop.put(Self.i1)
        try await drop.poll(65)
        try drop.expect(Self.open, gives: [])
        try drop.expectIssues(["2|error|parent_not_found|customer_id"])
        let digest = try #require(try drop.mails().last)
        #expect(try drop.mails().count == 1)
        #expect(digest.subject.contains("invoices-2025-01-05.csv"))
        #expect(digest.body.contains("parent_not_found"))
        #expect(try drop.log("file.loaded_with_errors").map(\.name) == ["invoices-2025-01-05.csv"])
        #expect(try drop.listing("open_invoices/pending") == [])
        #expect(try drop.listing("open_invoices/processed") == ["invoices-2025-01-05.csv"])
        #expect(try drop.listing("open_invoices/failed") == ["invoices-2025-01-05.csv.errors.csv"])

        try await drop.put(Self.c1)
        try await drop.poll()
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        return drop
    }

    @Test func `an invoice before its customer heals where orphans park, and recovery is told`() async throws
    {
        let drop = try await drop(DropSettings(loading: ["orphans: park"]))
        try drop.expect(Self.open, gives: ["I1|C1|OPEN|100.00"])
        #expect(try drop.files("open_invoices") == ["loaded_with_errors|-|1=1+0+0+0+0"])
        try drop.expectIssues([])
        #expect(try drop.log("rows.healed").count == 1)
        #expect(try drop.mailKinds() == ["digest", "recovery"])
        let recovery = try #require(try drop.mails().last)
        #expect(recovery.body.contains("invoices-2025-01-05.csv"))
        try drop.expectInvariants()
    }

    @Test func `an invoice before its customer stays rejected where orphans fail, until it is sent again`()
        async throws
    {
        let drop = try await drop(DropSettings(loading: ["orphans: fail"]))
        try drop.expect(Self.open, gives: [])
        #expect(try drop.files("open_invoices") == ["loaded_with_errors|-|1=0+0+0+1+0"])
        #expect(try drop.mailKinds() == ["digest"])

        try await drop.put(Self.i1)
        try await drop.poll()
        try drop.expect(Self.open, gives: ["I1|C1|OPEN|100.00"])
        #expect(try drop.files("open_invoices").last == "loaded|-|1=1+0+0+0+0")
        #expect(try drop.mailKinds() == ["digest", "recovery"])
        try drop.expectInvariants()
    }

    @Test func `an invoice before its customer stays rejected where orphans fail, until it is replayed`()
        async throws
    {
        let drop = try await drop(DropSettings(loading: ["orphans: fail"]))
        let replay = try await drop.run("replay", "invoices-2025-01-05.csv")
        #expect(replay.status == 0, "\(replay.errors)")
        try drop.expect(Self.open, gives: ["I1|C1|OPEN|100.00"])
        #expect(try drop.files("open_invoices") == ["loaded|-|1=1+0+0+0+0"])
        #expect(try drop.mailKinds() == ["digest", "recovery"])
        try drop.expectInvariants()
    }

    @Test func `an invoice and its customer in one batch load at once, whatever came first`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.i1)
        try await drop.put(Self.c1)
        try await drop.poll()
        try drop.expect(Self.open, gives: ["I1|C1|OPEN|100.00"])
        #expect(try drop.mailKinds() == [])
        try drop.expectInvariants()
    }
}
