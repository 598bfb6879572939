import Testing

/// What one process remembers of a big snapshot serves the next one, and nobody can tell but by the event.
@Suite(.timeLimit(.minutes(5)))
struct SecondDayTests {
    private static let columns = "customer_id,name,balance,currency"
    private static let last =
        "SELECT state, rows_total, rows_updated, rows_unchanged FROM files ORDER BY file_id DESC LIMIT 1"
    private static let path = """
        SELECT detail ->> 'path' FROM events WHERE detail ->> 'path' IS NOT NULL ORDER BY seq DESC LIMIT 1
        """

    @Test
    func `a big snapshot is known again by its bytes the next day, and not even split when it is the same`()
        async throws
    {
        let drop = try await EndToEndDrop.start()
        var rows = (1...10_000).map { "C\($0),Customer \($0),\($0).50,USD" }
        let type = "customers_with_open_balances"
        try await drop.put(.sheet(type, Self.columns, rows, name: "one.csv"))
        try await drop.poll()

        rows[4_711] = "C4712,Renamed,1.00,USD"
        let second = DroppedFile.sheet(type, Self.columns, rows, name: "two.csv")
        try await drop.put(second)
        try await drop.poll()
        try drop.expect(Self.last, gives: ["loaded|10000|1|9999"])
        try drop.expect(Self.path, gives: ["manifest"])
        try drop.expect("SELECT name FROM \(type) WHERE customer_id = 'C4712'", gives: ["Renamed"])

        try await drop.put(DroppedFile(second.bytes, in: second.folder, name: "three.csv"))
        try await drop.poll()
        try drop.expect(Self.last, gives: ["duplicate|10000|0|10000"])
        try drop.expect(Self.path, gives: ["identical"])
        try drop.expectInvariants()
    }
}
