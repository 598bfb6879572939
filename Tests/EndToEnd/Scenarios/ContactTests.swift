import GRDB
import Testing

/// Scenarios e and e2: contacts are replaced per owner.
@Suite(.timeLimit(.minutes(5)))
struct ContactTests {
    private static let emails = "SELECT email FROM contacts ORDER BY email"
    private static let full = [
        "a1@x.example", "a2@x.example", "a3@x.example", "b1@x.example", "own@x.example",
    ]

    /// A drop in which A has three contacts and one of the product's, B has one.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("A,Acme,1.00,USD", "B,Bolt,1.00,USD"),
            .contacts("A,a1@x.example,Ada", "A,a2@x.example,Bob", "A,a3@x.example,Cid", "B,b1@x.example,Dan")
        )
        try await drop.poll()
        // Nothing of the product makes contacts yet.
        try drop.write(
            """
            INSERT INTO contact (customer_id, email, owner, owner_key, source, file_id)
            VALUES ('A', 'own@x.example', 'cA', 'eown@x.example', 'product', 1)
            """
        )
        try drop.expect(Self.emails, gives: Self.full)
        return drop
    }

    @Test func `e: contacts left out of their owner's set are deleted, other owners' stay`() async throws {
        let drop = try await drop()
        try await drop.put(.contacts("A,a1@x.example,Ada", "A,a2@x.example,Bea"))
        try await drop.poll()
        try drop.expect(Self.emails, gives: Self.full.filter { $0 != "a3@x.example" })
        try drop.expect("SELECT first_name FROM contacts WHERE email = 'a2@x.example'", gives: ["Bea"])
        #expect(try drop.log("file.loaded").last?.rowsDeleted == 1)
        try drop.expectInvariants()
    }

    @Test func `e2: an owner with a rejected row loses nothing`() async throws {
        let drop = try await drop()
        try await drop.put(.contacts("A,a1@x.example,Eve", "A,nobody,Bob"))
        try await drop.poll(65)
        try drop.expectIssues(["3|error|bad_email|email"])
        try drop.expect(Self.emails, gives: Self.full)
        try drop.expect("SELECT first_name FROM contacts WHERE email = 'a1@x.example'", gives: ["Eve"])
        try drop.expectInvariants()
    }
}
