import Glibc
import TestSupport
import Testing

/// Scenario l: killed at any instant during a load.
@Suite(.timeLimit(.minutes(5)))
struct CrashTests {
    private static let kinds: [Faults.Kind] = [
        .create, .write, .sync, .rename, .unlink, .truncate, .mkdir, .link,
    ]

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

    /// What users see when nothing was killed, and how many calls the run made that change the state directory.
    private func calmOutcome() async throws -> (rows: [[String]], calls: Int) {
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.files)
        let counters = drop.folder.path("counters")
        let run = try drop.launch(
            "poll",
            environment: Faults(kinds: Self.kinds).environment(for: drop, counters: counters)
        )
        #expect(try await run.wait() == 65)
        try drop.expect("SELECT count(*) FROM open_invoices", gives: ["3000"])
        try drop.expectInvariants()
        return (try outcome(of: drop), try Faults.Count(counters).wanted)
    }

    /// What users see when the run was killed before a call and then made again, and whether it came to that call.
    private func outcome(killedBefore call: Int) async throws -> (rows: [[String]], isKilled: Bool) {
        let drop = try await EndToEndDrop.start()
        try await drop.put(Self.files)
        let faults = Faults(kinds: Self.kinds, at: call, deed: .kill)
        let counters = drop.folder.path("counters")
        let victim = try drop.launch("poll", environment: faults.environment(for: drop, counters: counters))
        let isKilled = try await victim.wait() == 128 + Int(SIGKILL)
        // At the last calls the run may just have come to its end; then the next one has nothing to complain about.
        // At the first ones there is no ledger yet.
        let wasOver = (try? drop.query("SELECT state FROM runs")) == ["finished"]
        try await drop.poll(wasOver ? 0 : 65)
        #expect(try drop.listing("open_invoices/pending") == [], "killed before call \(call)")
        try drop.expectInvariants()
        return (try outcome(of: drop), isKilled)
    }

    @Test func `l: killed at any moment, a run ends as if it had never been`() async throws {
        let calm = try await calmOutcome()
        let calls = (0..<8).map { part in
            Int.random(in: calm.calls * part / 8..<calm.calls * (part + 1) / 8) + 1
        }
        var kills = 0
        for call in calls {
            let (rows, isKilled) = try await outcome(killedBefore: call)
            #expect(rows == calm.rows, "killed before call \(call) of \(calm.calls)")
            kills += isKilled ? 1 : 0
        }
        // A run does not make the same calls each time, but a test without kills is none.
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
        #expect(found == expected.rows, "killed after \(delays) ms")
        try drop.expectInvariants()
    }
}
