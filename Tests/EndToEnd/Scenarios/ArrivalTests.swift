import Glibc
import TestSupport
import Testing

/// Scenarios p, s, t and z: what lies in the inbox, and when it is taken.
@Suite(.timeLimit(.minutes(5)))
struct ArrivalTests {
    private static let customers = DroppedFile.customers("C1,Acme,1.00,USD")

    @Test func `p: a PDF before its invoice is taken at once, and linked when the invoice comes`()
        async throws
    {
        let drop = try await EndToEndDrop.start()
        let links = "SELECT name, status, invoice_id FROM invoice_pdfs"
        try await drop.put(DroppedFile("%PDF-1.4\n1 0 obj\n%%EOF\n", in: "invoice_pdfs", name: "N-I1.pdf"))
        try await drop.poll()
        try drop.expect(links, gives: ["N-I1.pdf|UNMATCHED|-"])
        #expect(try drop.listing("invoice_pdfs") == ["processed"])
        #expect(try drop.listing("invoice_pdfs/processed") == ["N-I1.pdf"])
        try await drop.put(Self.customers, .invoices(invoice("I1")))
        try await drop.poll()
        try drop.expect(links, gives: ["N-I1.pdf|LINKED|I1"])

        try await drop.put(DroppedFile("not a PDF", in: "invoice_pdfs", name: "bad.pdf"))
        try await drop.poll(65)
        #expect(try drop.listing("invoice_pdfs/failed").contains("bad.pdf"))
        try drop.expectInvariants()
    }

    @Test func `s: a temporary name is ignored until it is renamed`() async throws {
        let drop = try await EndToEndDrop.start()
        let part = "customers_with_open_balances/pending/c.csv.filepart"
        var file = Self.customers
        file.name = "c.csv.filepart"
        try await drop.put(file)
        try await drop.poll()
        try drop.expect(
            "SELECT name, state, reason FROM files",
            gives: [
                "c.csv.filepart|ignored|temporary_name"
            ]
        )
        try await drop.server.sftp(["rename \(part) customers_with_open_balances/pending/c.csv"])
        try await drop.poll()
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        #expect(try drop.mailKinds() == [])
        try drop.expectInvariants()
    }

    @Test func `t: a file that is still growing waits for the next run, untouched`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(quietPeriod: "2s"))
        try await drop.put(Self.customers)
        try await drop.put(.sheet("subsidiaries", "subsidiary_id,name", ["S1,One"]))
        let poll = try drop.launch("poll")
        try await TestSupport.poll("the cut-off listing") {
            guard drop.folder.contains("state/ledger.sqlite") else { return nil as Bool? }
            // The schema may be in the making.
            return (try? drop.query("SELECT 1 FROM sighting"))?.isEmpty == false ? true : nil
        }
        // The run's own clock must not overtake the client's upload.
        poll.signal(SIGSTOP)
        try await drop.append("C2,Bolt,2.00,USD\n", to: Self.customers)
        poll.signal(SIGCONT)
        #expect(try await poll.wait() == 0)
        try drop.expect("SELECT subsidiary_id FROM subsidiaries", gives: ["S1"])
        try drop.expect(
            "SELECT name, state, reason FROM files WHERE type LIKE 'customers%'",
            gives: ["customers_with_open_balances.csv|waiting|still_changing"]
        )
        #expect(
            try drop.listing("customers_with_open_balances/pending") == ["customers_with_open_balances.csv"]
        )
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: [])
        try await drop.poll()
        try drop.expect(
            "SELECT customer_id FROM customers_with_open_balances ORDER BY 1",
            gives: ["C1", "C2"]
        )
        try drop.expectInvariants()
    }

    @Test func `z: folders, links and other files are left where they are`() async throws {
        let drop = try await EndToEndDrop.start()
        let pending = "customers_with_open_balances/pending"
        try await drop.put(
            Self.customers,
            DroppedFile("C9", in: "\(pending)/old.csv", name: "inner.csv"),
            DroppedFile("x", in: pending, name: ".DS_Store"),
            DroppedFile("remember", in: pending, name: "notes.txt"),
            DroppedFile(
                "customer_id,name,balance,currency\nC9,Elsewhere,1,USD\n",
                in: "elsewhere",
                name: "e.csv"
            )
        )
        try await drop.server.sftp(["ln -s ../../elsewhere/e.csv \(pending)/link.csv"])
        try await drop.poll()
        try drop.expect(
            "SELECT name, reason FROM files WHERE state = 'ignored' ORDER BY name",
            gives: [
                ".DS_Store|hidden_name", "elsewhere|unknown_directory", "link.csv|not_a_file",
                "notes.txt|not_csv_name",
                "old.csv|not_a_file",
            ]
        )
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        #expect(try drop.listing(pending) == [".DS_Store", "link.csv", "notes.txt", "old.csv"])
        #expect(try drop.mailKinds() == ["digest"])
        #expect(try drop.mails().last?.body.contains("notes.txt") == true)
        try await drop.poll()
        #expect(try drop.mailKinds() == ["digest"])
        try drop.expectInvariants()
    }
}
