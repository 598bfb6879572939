import Testing

/// Scenarios h and i: how the text of a file is read.
@Suite(.timeLimit(.minutes(5)))
struct ReadingTests {
    private static let names =
        "SELECT customer_id, name FROM customers_with_open_balances ORDER BY customer_id"

    @Test func `h: straight quotes hold a comma, typographic ones do not`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("C1,\"Microsoft, Inc\",1.00,USD", "C2,\u{201C}Microsoft, Inc\u{201D},2.00,USD")
        )
        try await drop.poll(65)
        try drop.expect(Self.names, gives: ["C1|Microsoft, Inc"])
        try drop.expectIssues(["3|error|wrong_field_count|-"])
        let message = try drop.query("SELECT message FROM row_issues").joined()
        #expect(message.contains("5 cells, header has 4"))
        #expect(message.lowercased().contains("quot"))
        try drop.expectInvariants()
    }

    @Test func `i: a mark, CRLF and line breaks in quotes keep rows and lines right`() async throws {
        let drop = try await EndToEndDrop.start()
        let text =
            "\u{FEFF}customer_id,name,balance,currency\r\n" + "C1,\"Acme\r\nGmbH\",1.00,USD\r\n"
            + "C2,\"said \"\"hi\"\"\",2.00,USD\r\n" + "C3,Bolt,x,USD\r\n"
        try await drop.put(DroppedFile(text, in: "customers_with_open_balances/pending", name: "c.csv"))
        try await drop.poll(65)
        try drop.expect(Self.names, gives: ["C1|Acme\r\nGmbH", "C2|said \"hi\""])
        try drop.expect(
            "SELECT record, line, code, column_name FROM row_issues",
            gives: ["4|5|bad_decimal|balance"]
        )
        try drop.expectInvariants()
    }
}
