import Testing

/// Scenarios f, f2 and f3: lines are replaced per payment.
@Suite(.timeLimit(.minutes(5)))
struct PaymentTests {
    private static let lines =
        "SELECT payment_id, invoice_id, amount FROM payment_applications ORDER BY payment_id, invoice_id"
    private static let unapplied =
        "SELECT payment_id, unapplied_amount FROM payment_receipts ORDER BY payment_id"
    private static let invoices = "SELECT invoice_id, status, balance FROM open_invoices ORDER BY invoice_id"

    /// P1 of 100.00 with 40 on I1 and 60 on I2; P2 of 10.00 with 5 on I1.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("C1,Acme,200.00,USD"),
            .invoices(invoice("I1"), invoice("I2")),
            .receipts("P1,C1,2025-01-02,100.00,USD", "P2,C1,2025-01-02,10.00,USD"),
            .lines("P1,I1,40.00", "P1,I2,60.00", "P2,I1,5.00")
        )
        try await drop.poll()
        try drop.expect(Self.unapplied, gives: ["P1|0.00", "P2|5.00"])
        return drop
    }

    @Test func `f: a payment's lines are replaced as a set`() async throws {
        let drop = try await drop()
        let before = try drop.query(Self.invoices)
        try await drop.put(.lines("P1,I2,60.00"))
        try await drop.poll()
        try drop.expect(Self.lines, gives: ["P1|I2|60.00", "P2|I1|5.00"])
        try drop.expect(Self.unapplied, gives: ["P1|40.00", "P2|5.00"])
        try drop.expect(Self.invoices, gives: before)
        #expect(try drop.log("file.loaded").last?.rowsDeleted == 1)
        try drop.expectInvariants()
    }

    @Test func `f2: lines above their payment are refused as a set`() async throws {
        let drop = try await drop()
        try await drop.put(.lines("P1,I1,60.00", "P1,I2,60.00"))
        try await drop.poll(65)
        try drop.expectIssues(["2|error|over_applied|amount", "3|error|over_applied|amount"])
        try drop.expect(Self.lines, gives: ["P1|I1|40.00", "P1|I2|60.00", "P2|I1|5.00"])
        try drop.expect(Self.unapplied, gives: ["P1|0.00", "P2|5.00"])
        try drop.expectInvariants()
    }

    @Test func `f3: a line to an unknown invoice is kept, counts, and is linked when the invoice comes`()
        async throws
    {
        let drop = try await drop()
        try await drop.put(.lines("P2,I9,7.00"))
        try await drop.poll()
        try drop.expectIssues(["2|warning|invoice_unresolved|invoice_id"])
        #expect(try drop.query(Self.lines).last == "P2|I9|7.00")
        try drop.expect(Self.unapplied, gives: ["P1|0.00", "P2|3.00"])

        try await drop.put(.invoices(invoice("I1"), invoice("I2"), invoice("I9")))
        try await drop.poll()
        try drop.expect(
            """
            SELECT i.invoice_id, i.status, l.amount FROM payment_applications l JOIN open_invoices i
             USING (invoice_id) WHERE l.payment_id = 'P2'
            """,
            gives: ["I9|OPEN|7.00"]
        )
        try drop.expectInvariants()
    }
}
