import Daemon
import Foundation
import GRDB
import Ledger
import Synchronization
import Testing

/// What monitoring is given: cheap to make, and enough for the rules and the dashboard that we ship.
struct MonitoringTests {
    /// Every family with a sample in it.
    private static let rendered: String = {
        var ledger = MetricsQueries.Snapshot()
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        (ledger.lastRunStart, ledger.lastSuccess, ledger.lastDuration) = (now, now, 1)
        ledger.arrivals = ["open_invoices": .late]
        ledger.openIncidents = ["type": 1]
        ledger.runs = ["finished": 1]
        ledger.files = ["loaded": 1]
        ledger.rows = ["inserted": 1]
        ledger.mails = ["sent": 1]
        return Metrics.text(drop: "acme", version: "1", ledger: ledger, disk: .init(), now: now)
    }()

    @Test func `the families are those of the operations page`() throws {
        let families = Self.rendered.matches(of: /# TYPE ledgerdrop_([a-z_]+) (gauge|counter)/)
            .map { "\($0.1) \($0.2)" }
        let promised = [
            "last_run_start_timestamp_seconds gauge", "last_run_success_timestamp_seconds gauge",
            "last_run_duration_seconds gauge", "inbox_oldest_file_age_seconds gauge", "held_files gauge",
            "parked_rows gauge", "disposals_pending gauge", "mail_queue_depth gauge",
            "mail_queue_oldest_age_seconds gauge", "ledger_bytes gauge", "wal_bytes gauge",
            "spool_bytes gauge",
            "state_free_bytes gauge", "arrival_state gauge", "open_incidents gauge", "build_info gauge",
            "runs_total counter", "files_total counter", "rows_total counter", "bytes_received_total counter",
            "hostkey_mismatch_total counter", "mails_total counter",
        ]
        #expect(Set(promised).subtracting(families).isEmpty)
        #expect(Set(families).count == families.count)
        #expect(
            Self.rendered.contains(
                "ledgerdrop_arrival_state{drop=\"acme\",type=\"open_invoices\",state=\"late\"} 1\n"
            )
        )
    }

    @Test(arguments: ["ledgerdrop.rules.yaml", "ledgerdrop.dashboard.json"])
    func `what the shipped files ask for is there`(name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "deploy/monitoring/\(name)")
        let text = try String(contentsOf: file, encoding: .utf8)
        let named = Set(text.matches(of: /ledgerdrop_[a-z_]+/).map { String($0.0) })
        #expect(named.count > 10)
        for metric in named { #expect(Self.rendered.contains("\n\(metric){"), "\(metric)") }
        if name.hasSuffix(".json") {
            _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
        }
    }

    @Test func `sums kept beside the files are the sums of the files`() async throws {
        let drop = try ToldDrop()
        let run = try drop.run(
            "2026-11-22T10",
            drop.entry("open_invoices/pending/a.csv", .batch, size: 100),
            drop.entry("open_invoices/pending/b.csv", .batch, size: 50),
            drop.entry("open_invoices/pending/c.csv", .waiting(.stillChanging), size: 7)
        )
        let time = ToldDrop.time("2026-11-22T10:00:34.000Z")
        try drop.receive(1, size: 100, in: run, at: time)
        try drop.receive(2, size: 50, in: run, at: time)
        var settlement = Settlement(.loadedWithErrors, run: run)
        settlement.counts.total = 9
        settlement.counts.inserted = 7
        settlement.counts.rejected = 2
        try drop.settle(1, settlement, at: time)
        try drop.settle(2, Settlement(.failed, reason: "empty_file", run: run), at: time)
        // A second attempt takes the place of the first.
        settlement.counts.inserted = 8
        settlement.counts.rejected = 1
        try drop.settle(1, settlement, at: time)
        let snapshot = try MetricsQueries(drop.ledger).snapshot()
        #expect(snapshot.files == ["loaded_with_errors": 1, "failed": 1, "waiting": 1])
        #expect(snapshot.rows["inserted"] == 8)
        #expect(snapshot.rows["rejected"] == 1)
        #expect(snapshot.bytesReceived == 150)
        // Both files have the same bytes; the spool keeps them once.
        #expect(try SpoolLedger(drop.ledger).bytes() == 100)
        try await drop.ledger.pool.write { db in try db.execute(sql: "DELETE FROM file WHERE file_id = 3") }
        #expect(try MetricsQueries(drop.ledger).snapshot().files["waiting"] == nil)
    }

    @Test func `the spool is counted anew only where its copies are others than those known`() throws {
        let drop = try ToldDrop()
        let book = SpoolLedger(drop.ledger)
        let sizes: [String: Int64] = ["a": 10, "b": 20, "c": 40]
        try book.reconcile(["a", "b"], removed: []) { sizes[$0] }
        #expect(try book.bytes() == 30)
        try book.reconcile(["b"], removed: ["a"]) { _ in
            Issue.record("it was known")
            return nil
        }
        #expect(try book.bytes() == 20)
        try book.reconcile(["b", "c"], removed: []) { sizes[$0] }
        #expect(try book.bytes() == 60)
        try book.reconcile([], removed: []) { sizes[$0] }
        #expect(try book.bytes() == 0)
    }

    @Test func `neither a tick nor status reads all files`() throws {
        let drop = try ToldDrop()
        let heard = Mutex<[String]>([])
        try drop.ledger.pool.read { db in
            db.trace { event in
                if case .statement(let statement) = event { heard.withLock { $0.append(statement.sql) } }
            }
        }
        _ = try MetricsQueries(drop.ledger).snapshot()
        _ = try StatusQueries(drop.ledger).overview()
        _ = try ArrivalLedger(drop.ledger).look(at: ["open_invoices"])
        let statements = heard.withLock(\.self).filter { $0.contains("FROM file") }
        #expect(statements.count >= 8)
        for statement in statements {
            let plan = try drop.ledger.pool.read { db in
                try Row.fetchAll(
                    db,
                    sql: "EXPLAIN QUERY PLAN \(statement)",
                    arguments: Self.blanks(statement)
                )
                .map { $0["detail"] as String }
            }
            for step in plan {
                #expect(
                    !step.contains(/SCAN file( |$)/) || step.contains("file_waiting"),
                    "\(statement)\n\(plan)"
                )
            }
        }
    }

    /// As many arguments as the statement has places for.
    private static func blanks(_ statement: String) -> StatementArguments {
        if statement.contains(":type") { return ["type": "x", "loaded": "x"] }
        return StatementArguments(statement.filter { $0 == "?" }.map { _ in "x" })
    }
}
