import Daemon
import Ledger
import Logging
import Testing

struct MetricsTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    @Test func `an empty ledger has zeros and no times`() {
        let text = Metrics.text(drop: "acme", version: "1", ledger: .init(), disk: .init(), now: now)
        #expect(text.contains("ledgerdrop_held_files{drop=\"acme\"} 0\n"))
        #expect(text.contains("ledgerdrop_build_info{drop=\"acme\",version=\"1\"} 1\n"))
        #expect(!text.contains("last_run_start"))
    }

    @Test func `numbers stand beside their labels, each family once and typed`() {
        var ledger = MetricsQueries.Snapshot()
        ledger.lastSuccess = now.adding(seconds: -60)
        ledger.lastDuration = 41_007
        ledger.oldestWaiting = now.adding(seconds: -90)
        ledger.files = ["loaded": 3, "waiting": 1, "failed": 2]
        let text = Metrics.text(
            drop: "a\"b",
            version: "1",
            ledger: ledger,
            disk: .init(freeBytes: 5),
            now: now
        )
        #expect(
            text.contains("ledgerdrop_last_run_success_timestamp_seconds{drop=\"a\\\"b\"} 1794999940.000\n")
        )
        #expect(text.contains("ledgerdrop_last_run_duration_seconds{drop=\"a\\\"b\"} 41.007\n"))
        #expect(text.contains("ledgerdrop_inbox_oldest_file_age_seconds{drop=\"a\\\"b\"} 90.000\n"))
        #expect(text.contains("# TYPE ledgerdrop_files_total counter\n"))
        #expect(text.contains("ledgerdrop_files_total{drop=\"a\\\"b\",state=\"loaded\"} 3\n"))
        #expect(!text.contains("waiting\"}"))
        #expect(text.contains("ledgerdrop_state_free_bytes{drop=\"a\\\"b\"} 5\n"))
    }

    @Test func `a flood of one kind of line is cut, counted, and told again later`() {
        let limit = LineLimit(3, every: .seconds(10))
        let start = ContinuousClock.now
        let verdicts = (0..<5).map { _ in limit.judge("file.failed", at: start) }
        #expect(verdicts == [.tell(leftOut: 0), .tell(leftOut: 0), .tell(leftOut: 0), .leaveOut, .leaveOut])
        #expect(limit.judge("run.failed", at: start) == .tell(leftOut: 0))
        #expect(limit.judge("file.failed", at: start + .seconds(10)) == .tell(leftOut: 2))
        #expect(limit.judge("file.failed", at: start + .seconds(11)) == .tell(leftOut: 0))
    }

    @Test func `a log line is one line, whatever is in it`() {
        let line = JournalLog.line(
            level: .warning,
            message: "file\nrefused",
            metadata: ["name": "a\u{1B}[31m\n<0>x", "file": "7"],
            tellsPriority: true
        )
        #expect(line == "<4>file\\u000arefused file=7 name=a\\u001b[31m\\u000a<0>x\n")
    }
}
