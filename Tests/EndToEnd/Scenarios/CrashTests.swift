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

    private static let files: [DroppedFile] = {
        let customers = (1...200).map { "C\($0),Customer \($0),\($0).00,USD" }
        let invoices = (1...3000).map { invoice("I\($0)", ["customer_id": "C\($0 % 200 + 1)"]) }
        return [
            .sheet("customers_with_open_balances", "customer_id,name,balance,currency", customers),
            .invoices(invoices + [invoice("X1", ["due_date": "x"]), invoice("X2", ["customer_id": "C999"])]),
            .contacts("C1,a@x.example,Ada", "C2,nobody,Bob"),
            .contacts("C3,c@x.example,Cid", name: "more.csv"),
            .sheet("payment_receipts", "payment_id,customer_id", ["P1,C1"]),
        ]
    }()

    private func outcome(of drop: EndToEndDrop) throws -> [[String]] {
        try Self.views.map(drop.query)
    }

    /// What users see when nothing was killed.
    private func calmOutcome() async throws -> [[String]] {
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.files)
        try await drop.poll(65)
        try drop.expect("SELECT count(*) FROM open_invoices", gives: ["3000"])
        try drop.expectInvariants()
        return try outcome(of: drop)
    }

    /// What users see when the run was killed at a moment and then made again, and whether the moment was caught.
    private func outcome(killedAt moment: Moment) async throws -> (rows: [[String]], isKilled: Bool) {
        let drop = try await EndToEndDrop.start(
            DropSettings(quietPeriod: moment == .cutOffSeen ? "1s" : "0s")
        )
        try await drop.put(Self.files)
        let victim = try drop.launch("poll")
        try await TestSupport.poll("that \(moment.rawValue)") {
            // It stands still while it is looked at: a moment is short, and the onlooker may have to wait for its turn.
            victim.signal(SIGSTOP)
            if self.has(come: moment, in: drop) || !victim.isRunning { return true }
            victim.signal(SIGCONT)
            return nil
        }
        victim.signal(SIGKILL)
        let isKilled = try await victim.wait() == 128 + Int(SIGKILL)
        // At the last moments the run may just have come to its end; then the next one has nothing to complain about.
        let wasOver = try drop.query("SELECT state FROM runs") == ["finished"]
        try await drop.poll(wasOver ? 0 : 65)
        #expect(try drop.listing("open_invoices/pending") == [], "killed when \(moment.rawValue)")
        try drop.expectInvariants()
        return (try outcome(of: drop), isKilled)
    }

    @Test func `l: killed at any moment, a run ends as if it had never been`() async throws {
        async let calm = calmOutcome()
        let outcomes = try await withThrowingTaskGroup(of: (Moment, [[String]], Bool).self) { group in
            for moment in Moment.allCases {
                group.addTask {
                    var outcome = try await self.outcome(killedAt: moment)
                    // On a busy machine a moment slips away now and then.
                    for _ in 0..<4 where !outcome.isKilled {
                        outcome = try await self.outcome(killedAt: moment)
                    }
                    return (moment, outcome.rows, outcome.isKilled)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let expected = try await calm
        for (moment, outcome, _) in outcomes {
            #expect(outcome == expected, "killed when \(moment.rawValue)")
        }
        // A test without kills is none.
        let kills = outcomes.count { $0.2 }
        #expect(kills >= 4)
    }

    @Test func `l: killed again and again, a run ends as if it had never been`() async throws {
        async let calm = calmOutcome()
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.files)
        let delays = (0..<8).map { _ in Int.random(in: 20...700) }
        for delay in delays {
            let victim = try drop.launch("poll")
            // The moment is drawn, not waited for: this is not a sleep until something has surely happened.
            try await Task.sleep(for: .milliseconds(delay))
            victim.signal(SIGKILL)
            _ = try await victim.wait()
        }
        let last = try await drop.run("poll")
        #expect([0, 65].contains(last.status), "\(last.errors)")
        let found = try outcome(of: drop)
        let expected = try await calm
        #expect(found == expected, "killed after \(delays) ms")
        try drop.expectInvariants()
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
