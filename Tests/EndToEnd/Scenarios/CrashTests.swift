import Glibc
import TestSupport
import Testing

/// Scenario l: killed at any instant during a load.
@Suite(.timeLimit(.minutes(2)))
struct CrashTests {
    /// A moment in a run, as an onlooker sees it.
    enum Moment: String, CaseIterable, CustomTestStringConvertible, Sendable {
        case cutOffSeen = "the cut-off listing is taken"
        case received = "the batch is received"
        case firstLoaded = "the first file is loaded"
        case loading = "invoices are being written"
        case allLoaded = "every file is loaded"
        case disposing = "the first file is moved"

        var testDescription: String { rawValue }
    }

    private static let views = [
        "SELECT customer_id, name, balance, currency FROM customers_with_open_balances ORDER BY 1",
        "SELECT invoice_id, customer_id, amount, balance, status FROM open_invoices ORDER BY 1",
        "SELECT customer_id, email FROM contacts ORDER BY 1, 2",
        """
        SELECT name, state, reason, rows_total, rows_inserted, rows_updated, rows_unchanged, rows_rejected, rows_parked,
               rows_cleared, warnings FROM files ORDER BY name
        """,
        "SELECT name, record, code, column_name FROM row_issues JOIN files USING (file_id) ORDER BY 1, 2, 3, 4",
        """
        SELECT name, event FROM events JOIN files USING (file_id) WHERE event LIKE 'file.loaded%'
            OR event = 'file.failed' ORDER BY 1
        """,
    ]

    private func files() -> [DroppedFile] {
        let customers = (1...200).map { "C\($0),Customer \($0),\($0).00,USD" }
        let invoices = (1...4000).map { invoice("I\($0)", ["customer_id": "C\($0 % 200 + 1)"]) }
        return [
            .sheet("customers_with_open_balances", "customer_id,name,balance,currency", customers),
            .invoices(invoices + [invoice("X1", ["due_date": "x"]), invoice("X2", ["customer_id": "C999"])]),
            .contacts("C1,a@x.example,Ada", "C2,nobody,Bob"),
            .contacts("C3,c@x.example,Cid", name: "more.csv"),
            .sheet("payment_receipts", "payment_id,customer_id", ["P1,C1"]),
        ]
    }

    private func outcome(of drop: EndToEndDrop) throws -> [[String]] {
        try Self.views.map(drop.query)
    }

    @Test func `killed at any moment, a run ends as if it had never been`() async throws {
        let calm = try await EndToEndDrop.start()
        for file in files() { try await calm.put(file) }
        try await calm.poll(65)
        let expected = try outcome(of: calm)
        #expect(try calm.query("SELECT count(*) FROM open_invoices") == ["4000"])
        try calm.expectInvariants()

        for moment in Moment.allCases {
            let drop = try await EndToEndDrop.start(DropSettings(quietPeriod: "1s"))
            for file in files() { try await drop.put(file) }
            let victim = try drop.launch("poll")
            try await TestSupport.poll("that \(moment.rawValue)") {
                try #require(victim.isRunning, "the run was over before \(moment.rawValue)")
                return self.has(come: moment, in: drop) ? true : nil
            }
            victim.signal(SIGKILL)
            #expect(try await victim.wait() == 128 + Int(SIGKILL))
            try await drop.poll(65)
            #expect(try outcome(of: drop) == expected, "killed when \(moment.rawValue)")
            #expect(try drop.listing("open_invoices/pending") == [], "killed when \(moment.rawValue)")
            try drop.expectInvariants()
        }
    }

    private func has(come moment: Moment, in drop: EndToEndDrop) -> Bool {
        let question =
            switch moment {
            case .cutOffSeen: "SELECT 1 FROM sighting"
            case .received: "SELECT 1 FROM events WHERE event = 'file.received'"
            case .firstLoaded, .loading: "SELECT 1 FROM events WHERE event = 'file.loaded'"
            case .allLoaded: "SELECT 1 FROM files GROUP BY 1 HAVING sum(settled_at IS NOT NULL) = 5"
            case .disposing: "SELECT 1 FROM events WHERE event = 'file.disposed'"
            }
        // Before the first run there is no ledger, or none of its tables.
        guard let answer = try? drop.query(question), !answer.isEmpty else { return false }
        // Behind the customers' commit the log of the ledger grows with the invoices, which nobody else can see.
        return moment != .loading || drop.writtenBytes > 200_000
    }
}

extension EndToEndDrop {
    /// The size of the ledger's write-ahead log.
    fileprivate var writtenBytes: Int {
        var status = stat()
        return stat(folder.path("state/ledger.sqlite-wal"), &status) == 0 ? Int(status.st_size) : 0
    }
}
