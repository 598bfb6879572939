import Daemon
import Ledger
import Testing

struct StatusReportTests {
    @Test func `what needs a person stands above the types, with the commands`() throws {
        let drop = try ToldDrop()
        let run = try drop.run(
            "2026-11-22T10",
            drop.entry("open_invoices/pending/invoices-2026-11-22.csv", .batch, size: 640_000),
            drop.entry("open_invoices/pending/growing.csv", .waiting(.stillChanging), size: 5)
        )
        try drop.receive(1, size: 640_000, in: run, at: ToldDrop.time("2026-11-22T10:00:34.000Z"))
        var settlement = Settlement(.held, reason: "held_by_guard", run: run)
        settlement.extras = [("guard", "share"), ("would_clear", 812), ("open", 1204)]
        try drop.settle(1, settlement, at: ToldDrop.time("2026-11-22T10:00:36.000Z"))
        _ = try RunLedger(drop.ledger).finish(run, at: ToldDrop.time("2026-11-22T10:00:41.000Z"))
        var overview = try StatusQueries(drop.ledger).overview()
        overview.lastApplied["payment_receipts"] = "2026-11-21T06:11:00.000Z"
        overview.incidents = [
            IncidentRow(
                kind: "arrival_missing",
                subject: "payment_receipts",
                openedAt: "2026-11-22T07:30:00.000Z"
            ),
            IncidentRow(kind: "type", subject: "contacts", openedAt: "2026-11-22T07:30:00.000Z"),
            IncidentRow(kind: "report_stuck", subject: "validate", openedAt: "2026-11-22T09:30:00.000Z"),
            IncidentRow(kind: "variance", subject: "balances", openedAt: "2026-11-22T09:31:00.000Z"),
        ]
        let missing = Arrival(
            type: "payment_receipts",
            state: .missing,
            since: ToldDrop.time("2026-11-22T07:30:00.000Z"),
            expected: "by 06:30 UTC",
            countsFrom: ToldDrop.time("2026-11-21T06:30:00.000Z"),
            dueAt: ToldDrop.time("2026-11-22T06:30:00.000Z"),
            lastLoadedAt: ToldDrop.time("2026-11-21T06:11:00.000Z")
        )
        var late = missing
        (late.type, late.state, late.lastLoadedAt) = ("open_invoices", .late, nil)
        late.stopped = StoppedFile(id: 1, name: "invoices-2026-11-22.csv", state: "held")
        let yaml = """
            name: acme
            state_directory: /var/lib/ledgerdrop/acme
            inbox: { url: "sftp://feed@sftp.acme.example/outgoing", known_hosts: /etc/known }
            expect: { payment_receipts: { by: "06:30" } }
            """
        let report = StatusReport(
            try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue),
            overview: overview,
            arrivals: [missing, late],
            disk: .init(
                ledgerBytes: 38_000_000,
                spoolBytes: 1_200_000_000,
                freeBytes: 61_000_000_000
            ),
            holder: "process 7 (run) on host since 2026-11-16T06:20:00Z",
            now: drop.now
        )
        try expectGolden(
            report.text.replacing("acme  \(Version.current)", with: "acme  VERSION"),
            "status.txt"
        )
    }

    @Test(.timeLimit(.minutes(5))) func `a scan of a server that does not answer ends in a plain sentence`()
        async throws
    {
        let yaml = "name: acme\nstate_directory: /nowhere\ninbox: { url: \"sftp://feed@127.0.0.1:1/out\" }\n"
        let configuration = try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
        let failure = await #expect(throws: CommandFailure.self) { try await HostKeyScan(configuration) }
        let words = failure?.description ?? ""
        #expect(failure?.status == .unavailable)
        #expect(words.hasPrefix("127.0.0.1:1: the server cannot be reached: "), "\(words)")
        #expect(!words.contains("unreachable(") && !words.contains("\""), "\(words)")
    }
}
