import Ingestion
import Intake
import Ledger
import TestSupport
import Testing

private let good = "subsidiary_id,name\nS1,One\n"
private let bad = "subsidiary_id,name\nS1,\nS2,Two\n"

/// Files that are only looked at.
@Suite(.timeLimit(.minutes(5)))
struct ValidationTests {
    private func disposer(_ bench: RunBench) -> ValidationDisposer {
        ValidationDisposer(
            ledger: bench.ledger,
            inbox: bench.inbox,
            clock: bench.clock.asRunClock,
            stop: RunStop()
        )
    }

    @Test func `a report that cannot be written is tried again, and the file is looked at once`() async throws
    {
        let bench = try RunBench()
        try bench.put(bad, "validate/subsidiaries/a.csv")
        bench.inbox.before { $0 == .upload ? .permission("denied") : nil }
        try await bench.serve()
        try await bench.serve()
        #expect(try bench.lines("SELECT attempts, last_error FROM validation") == ["2 denied"])
        #expect(bench.contains("validate/subsidiaries/a.csv"))
        #expect(try bench.lines("SELECT count(*) FROM events WHERE event = 'file.validated'") == ["1"])
        bench.inbox.heal()
        bench.clock.pass(.seconds(3601))
        try await disposer(bench).carryOut(dueAt: bench.clock.now)
        #expect(bench.contains("validate/subsidiaries/a.csv.report.csv"))
        #expect(
            bench.contains("validate/subsidiaries/done/a.csv")
                && !bench.contains("validate/subsidiaries/a.csv")
        )
        #expect(
            try bench.lines("SELECT count(*) FROM validation WHERE done_at IS NULL OR report IS NOT NULL")
                == ["0"]
        )
        #expect(try bench.lines("SELECT count(*) FROM subsidiaries") == ["0"])
    }

    @Test func `a move whose answer was lost is no second file`() async throws {
        let bench = try RunBench()
        try bench.put(good, "validate/subsidiaries/a.csv")
        bench.inbox.before { $0 == .move ? .permission("denied") : nil }
        try await bench.serve()
        bench.inbox.heal()
        // It was moved after all.
        let entry = InboxEntry(
            directory: try #require(RemotePath("validate/subsidiaries")),
            name: "a.csv",
            size: Int64(good.utf8.count),
            modified: 1_700_000_000
        )
        try await bench.inbox.move(entry, to: try #require(RemotePath("validate/subsidiaries/done/a.csv")))
        try await bench.serve()
        #expect(
            try bench.folder.names(in: "inbox/validate/subsidiaries").sorted() == [
                "a.csv.report.csv", "done",
            ]
        )
        #expect(try bench.folder.names(in: "inbox/validate/subsidiaries/done") == ["a.csv"])
    }

    @Test func `files that still grow, reports, hidden names and folders wait or are nobody's`() async throws
    {
        let bench = try RunBench()
        try bench.put(good, "subsidiaries/pending/own.csv")
        try bench.put(good, "validate/subsidiaries/a.csv")
        try bench.put(good, "validate/subsidiaries/old.csv.report.csv")
        try bench.put(good, "validate/subsidiaries/.a.csv.swp")
        try bench.put(good, "validate/subsidiaries/deeper/b.csv")
        try bench.put(good, "validate/no_such_type/c.csv")
        bench.clock.onSleep { try bench.put(good + "S9,Nine\n", "validate/subsidiaries/a.csv") }
        let first = try await bench.serve { $0.quietPeriod = .seconds(30) }
        #expect(first.plan.listed == 1 && first.plan.batched == 1)
        #expect(try bench.lines("SELECT count(*) FROM validation") == ["0"])
        bench.clock.onSleep(nil)
        let second = try await bench.serve()
        #expect(second.plan.listed == 0)
        #expect(try bench.lines("SELECT path FROM validation").count == 1)
        #expect(bench.contains("validate/subsidiaries/done/a.csv"))
        #expect(try bench.text("validate/subsidiaries/a.csv.report.csv").contains("2 rows, 1 inserted"))
    }

    @Test func `a file beyond the limit is answered without being fetched`() async throws {
        let bench = try RunBench()
        try bench.put(good, "validate/subsidiaries/a.csv")
        try await bench.serve { $0.fileBytes = 10 }
        #expect(try bench.text("validate/subsidiaries/a.csv.report.csv").contains(",error,,,too_large,"))
        #expect(try bench.folder.names(in: "state/spool").isEmpty)
    }
}
