import Testing

/// Scenario k: 100 invoices are open, and the next file was cut after 30 rows.
@Suite(.timeLimit(.minutes(5)))
struct HeldFileTests {
    private static let open = "SELECT status, count(*) FROM open_invoices GROUP BY status ORDER BY status"
    private static let cut = DroppedFile.invoices((1...30).map { invoice("I\($0)") }, name: "cut.csv")

    /// A drop that holds the cut file.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        let customers = DroppedFile.customers("C1,Acme,1.00,USD")
        try await drop.put(customers, .invoices((1...100).map { invoice("I\($0)") }))
        try await drop.poll()
        try await drop.put(Self.cut)
        try await drop.poll(65)
        try drop.expect(
            "SELECT state, reason FROM files WHERE name = 'cut.csv'",
            gives: ["held|held_by_guard"]
        )
        try drop.expect(Self.open, gives: ["OPEN|100"])
        #expect(try drop.listing("open_invoices/pending") == ["cut.csv"])
        #expect(try drop.log("file.held").map(\.name) == ["cut.csv"])
        #expect(try drop.mailKinds() == ["digest"])
        #expect(try drop.mails().last?.body.contains("ledgerdrop release") == true)

        // Looking again changes nothing and tells nobody.
        try await drop.poll()
        try drop.expect("SELECT settled FROM runs ORDER BY run_id DESC LIMIT 1", gives: ["1"])
        #expect(try drop.mailKinds() == ["digest"])
        return drop
    }

    @Test func `k: a cut snapshot is held, and applied when released`() async throws {
        let drop = try await drop()
        let released = try await drop.run("release", "cut.csv", "--reason", "a month's end")
        #expect(released.status == 0, "\(released.errors)")
        try drop.expect(Self.open, gives: ["CLEARED|70", "OPEN|30"])
        #expect(try drop.files("open_invoices").last == "loaded|-|30=0+0+30+0+0")
        #expect(try drop.log("file.released").count == 1)
        #expect(try drop.listing("open_invoices/pending") == [])
        #expect(try drop.listing("open_invoices/processed") == ["cut.csv", "open_invoices.csv"])

        let again = try await drop.run("release", "cut.csv")
        #expect(again.output.contains("already_done") || again.output.contains("already done"))
        try drop.expect(Self.open, gives: ["CLEARED|70", "OPEN|30"])
        try drop.expectInvariants()
    }

    @Test func `one half of a snapshot, released later, clears nothing of the other half`() async throws {
        let drop = try await EndToEndDrop.start()
        let customers = DroppedFile.customers("C1,Acme,1.00,USD")
        try await drop.put(customers, .invoices((1...60).map { invoice("I\($0)") }))
        try await drop.poll()
        // Neither name carries a date: the two are parts of one delivery.
        try await drop.put(
            .invoices((1...25).map { invoice("I\($0)") }, name: "half-one.csv"),
            .invoices((26...60).map { invoice("I\($0)") }, name: "half-two.csv")
        )
        try await drop.poll(65)
        try drop.expect("SELECT state FROM files WHERE name = 'half-one.csv'", gives: ["held"])
        let released = try await drop.run("release", "half-one.csv")
        #expect(released.status == 0, "\(released.errors)")
        try drop.expect(Self.open, gives: ["OPEN|60"])
        try drop.expectInvariants()
    }

    @Test func `k: a cut snapshot is moved to failed when discarded`() async throws {
        let drop = try await drop()
        let discarded = try await drop.run("discard", "cut.csv")
        #expect(discarded.status == 0, "\(discarded.errors)")
        try drop.expect("SELECT state FROM files WHERE name = 'cut.csv'", gives: ["discarded"])
        try drop.expect(Self.open, gives: ["OPEN|100"])
        #expect(try drop.log("file.discarded").count == 1)
        #expect(try drop.listing("open_invoices/pending") == [])
        #expect(try drop.listing("open_invoices/failed").first == "cut.csv")
        try drop.expectInvariants()
    }

    @Test func `a newer file takes the place of a held one`() async throws {
        let drop = try await drop()
        try await drop.put(.invoices((1...90).map { invoice("I\($0)") }, name: "whole.csv"))
        try await drop.poll()
        try drop.expect("SELECT state FROM files WHERE name = 'cut.csv'", gives: ["superseded"])
        try drop.expect(Self.open, gives: ["CLEARED|10", "OPEN|90"])
        #expect(try drop.listing("open_invoices/processed").contains("cut.csv"))
        let late = try await drop.run("release", "cut.csv")
        #expect(late.status == 66)
        try drop.expectInvariants()
    }
}
