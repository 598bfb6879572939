import GRDB
import Glibc
import Ingestion
import Intake
import Ledger
import TestSupport
import Testing

private let subsidiaries = "subsidiary_id,name\nS1,One\nS2,Two\n"

@Suite(.timeLimit(.minutes(5)))
struct RunTests {
    @Test func `a run takes what lies there, loads it, moves it and balances`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        try bench.put("hello", "subsidiaries/pending/notes.txt")
        try bench.put("x", "subsidiaries/pending/.hidden")
        try bench.put("x", "stray.csv")
        let outcome = try await bench.serve()
        #expect(outcome.state == .finished && !outcome.hasFindings)
        #expect(outcome.plan.listed == 4 && outcome.plan.batched == 1 && outcome.plan.ignored == 3)
        #expect(outcome.batch.ingested == 1)
        let rows = try bench.lines("SELECT subsidiary_id, name FROM subsidiaries ORDER BY 1")
        #expect(rows == ["S1 One", "S2 Two"])
        #expect(bench.contains("subsidiaries/processed/a.csv"))
        #expect(!bench.contains("subsidiaries/pending/a.csv"))
        let run = try bench.lines("SELECT slot, trigger, state, listed, batched, ignored FROM runs")
        #expect(run == ["2026-01-05T10:00:00Z slot finished 4 1 3"])
        let events = try bench.lines("SELECT event FROM events ORDER BY seq")
        #expect(
            events == [
                "run.started", "file.ignored", "file.ignored", "file.ignored", "run.planned", "file.received",
                "file.loaded", "file.disposed", "run.finished",
            ]
        )
    }

    @Test func `a slot is served once`() async throws {
        let bench = try RunBench()
        let slot = bench.clock.nextHour()
        let first = try await bench.run().serve(.slot, slot: slot)
        let second = try await bench.run().serve(.catchUp, slot: slot)
        #expect(first?.state == .finished)
        #expect(second == nil)
    }

    @Test func `an ignored name is told once, a file that goes on waiting is told when it changes`()
        async throws
    {
        let bench = try RunBench()
        try bench.put("x", "contacts/pending/notes.txt")
        for size in 1...3 {
            bench.clock.onSleep {
                try bench.put(String(repeating: "x", count: size), "contacts/pending/big.csv")
            }
            try await bench.serve()
        }
        #expect(try bench.count(.fileIgnored) == 1)
        let told = try bench.lines(
            "SELECT detail ->> 'reason', detail ->> 'size' FROM events WHERE event = 'file.waiting'"
        )
        #expect(told == ["arrived_after_cut_off 1", "still_changing 2", "still_changing 3"])
        #expect(try bench.files() == ["big.csv waiting still_changing", "notes.txt ignored not_csv_name"])
    }

    @Test func `a file that grows during the quiet period is taken at the next slot`() async throws {
        let bench = try RunBench()
        try bench.put("subsidiary_id,name\nS1,On", "subsidiaries/pending/a.csv")
        bench.clock.onSleep { try bench.put(subsidiaries, "subsidiaries/pending/a.csv") }
        let first = try await bench.serve()
        bench.clock.onSleep(nil)
        #expect(first.plan.waiting == 1 && first.plan.batched == 0)
        #expect(bench.contains("subsidiaries/pending/a.csv"))
        let second = try await bench.serve()
        #expect(second.batch.ingested == 1)
        #expect(try bench.files() == ["a.csv loaded -"])
    }

    @Test func `a file that vanishes is gone, and one that comes back is a new file`() async throws {
        let bench = try RunBench()
        bench.clock.onSleep { try bench.put(subsidiaries, "subsidiaries/pending/a.csv") }
        try await bench.serve()
        bench.clock.onSleep(nil)
        unlink(bench.folder.path("inbox/subsidiaries/pending/a.csv"))
        try await bench.serve()
        #expect(try bench.files() == ["a.csv waiting gone"])
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        try await bench.serve()
        #expect(try bench.files() == ["a.csv waiting gone", "a.csv loaded -"])
    }

    @Test func `under leave nothing moves, and nothing is loaded twice until it was away`() async throws {
        let bench = try RunBench()
        try bench.put("subsidiary_id,name\nS1,\n", "subsidiaries/pending/a.csv")
        for expected in [0, 1, 1] {
            let outcome = try await bench.serve { $0.after = .leave }
            #expect(outcome.plan.settled == expected && outcome.plan.listed == 1)
        }
        #expect(bench.contains("subsidiaries/pending/a.csv"))
        #expect(!bench.contains("subsidiaries/failed"))
        unlink(bench.folder.path("inbox/subsidiaries/pending/a.csv"))
        try await bench.serve { $0.after = .leave }
        try bench.put("subsidiary_id,name\nS1,\n", "subsidiaries/pending/a.csv")
        let again = try await bench.serve { $0.after = .leave }
        #expect(again.plan.batched == 1)
    }

    @Test func `a file that grew past the limit is failed without being fetched`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        let outcome = try await bench.serve { $0.fileBytes = 5 }
        #expect(outcome.batch.failed == 1 && outcome.hasFindings)
        #expect(try bench.files() == ["a.csv failed too_large"])
        #expect(bench.inbox.count(.fetch) == 0)
        #expect(bench.contains("subsidiaries/failed/a.csv"))
        #expect(
            try bench.text("subsidiaries/failed/a.csv.errors.csv")
                == "error_codes,error_messages,row_number\r\ntoo_large,File 33 bytes exceeds the limit 5 bytes.,\r\n"
        )
    }

    @Test func `a file that the server refuses three times in a row is failed as unreadable`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        try bench.put(subsidiaries, "subsidiaries/pending/b.csv", modified: 1_700_000_001)
        bench.inbox.refuse(["a.csv"])
        for deferred in [1, 1, 0] {
            let outcome = try await bench.serve()
            #expect(outcome.batch.deferred == deferred)
        }
        #expect(try bench.files() == ["a.csv failed unreadable", "b.csv loaded -"])
        #expect(try bench.count(.fileDeferred) == 2)
        #expect(try bench.count(.fileFailed) == 1)
    }

    @Test func `a lost connection defers the files without blaming them`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        bench.inbox.before { $0 == .fetch ? .unreachable("cut off") : nil }
        for _ in 0..<4 {
            let outcome = try await bench.serve()
            #expect(outcome.state == .finished && outcome.batch.deferred == 1)
        }
        #expect(try bench.files() == ["a.csv waiting fetch_failed"])
        bench.inbox.heal()
        let healed = try await bench.serve()
        #expect(healed.batch.ingested == 1)
    }

    @Test func `an inbox that cannot be reached is tried for ten minutes, then told once it is back`()
        async throws
    {
        let bench = try RunBench()
        bench.inbox.before { $0 == .list ? .unreachable("no route") : nil }
        let failed = try await bench.serve()
        #expect(failed.state == .failed && failed.reason == .unreachable && failed.message == "no route")
        let waited = bench.clock.slept.reduce(Duration.zero, +)
        #expect(waited > .seconds(500) && waited <= .seconds(600))
        #expect(try bench.count(.inboxUnreachable) == 1)
        bench.inbox.heal()
        try await bench.serve()
        try await bench.serve()
        #expect(try bench.count(.inboxRecovered) == 1)
    }

    @Test(arguments: [
        (
            InboxFailure.hostKeyMismatch("another key"), RunFailureReason.hostKeyMismatch,
            EventName.hostKeyMismatch
        ),
        (.authRefused("no"), .authRefused, .authRefused),
        (.protocolError("bad packet"), .protocolError, .inboxUnreachable),
    ])
    func `a refusal is never tried again before the next slot`(
        failure: InboxFailure,
        reason: RunFailureReason,
        event: EventName
    ) async throws {
        let bench = try RunBench()
        bench.inbox.before { $0 == .list ? failure : nil }
        let outcome = try await bench.serve()
        #expect(outcome.reason == reason)
        #expect(bench.inbox.count(.list) == 1)
        #expect(try bench.count(event) == 1)
        #expect(try bench.count(.runFailed) == 1)
    }

    @Test func `an inbox that is not there is not an empty one`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        try await bench.serve { $0.after = .leave }
        rename(bench.folder.path("inbox"), bench.folder.path("away"))
        let outcome = try await bench.serve { $0.after = .leave }
        #expect(outcome.reason == .unreachable)
        rename(bench.folder.path("away"), bench.folder.path("inbox"))
        let back = try await bench.serve { $0.after = .leave }
        #expect(back.plan.settled == 1 && back.plan.batched == 0)
    }

    @Test func `a run whose counts do not add up fails`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        let steps = RunSteps(
            load: { file, _, _ in
                try bench.ledger.pool.write { db in
                    try db.execute(
                        sql: "UPDATE file SET run_id = NULL WHERE file_id = ?",
                        arguments: [file.fileID]
                    )
                }
            },
            heal: { _, _ in [] },
            expireParked: { _ in }
        )
        let outcome = try await bench.serve(steps: steps)
        #expect(outcome.state == .failed && outcome.reason == .unbalanced)
        #expect(try bench.count(.runFailed) == 1)
        #expect(try bench.count(.runFinished) == 0)
    }

    @Test func `what is not begun at the deadline is loaded by the next run, from the spool`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv", modified: 1)
        try bench.put(subsidiaries, "subsidiaries/pending/b.csv", modified: 2)
        let loader = Loader(ledger: bench.ledger, settings: LoadSettings())
        var steps = RunSteps(loader, now: { bench.clock.now })
        let load = steps.load
        steps.load = { file, batch, shouldStop in
            try load(file, batch, shouldStop)
            bench.clock.pass(.seconds(3001))
        }
        let first = try await bench.serve(steps: steps)
        #expect(first.batch.ingested == 1 && first.batch.deferred == 1)
        #expect(try bench.files() == ["a.csv loaded -", "b.csv received run_deadline"])
        #expect(bench.contains("subsidiaries/pending/b.csv"))
        let fetches = bench.inbox.count(.fetch)
        let second = try await bench.serve()
        #expect(second.batch.duplicate == 1 && second.plan.batched == 1)
        #expect(bench.inbox.count(.fetch) == fetches)
    }

    @Test func `without room on the disk files wait, and the recovery is told`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        for _ in 0..<2 {
            let outcome = try await bench.serve { $0.freeBytes = .max }
            #expect(outcome.batch.deferred == 1)
        }
        #expect(try bench.files() == ["a.csv waiting disk_low"])
        #expect(try bench.count(.diskLow) == 1)
        try await bench.serve()
        #expect(try bench.files() == ["a.csv loaded -"])
        #expect(try bench.count(.diskRecovered) == 1)
    }

    @Test func `the flat layout tells types by their names, and fails what has none`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "Subsidiaries-2026-01-05.csv")
        try bench.put("a,b\n1,2\n", "mystery.csv")
        let outcome = try await bench.serve { $0.layout = .flat(patterns: [:]) }
        #expect(outcome.batch.ingested == 1 && outcome.batch.failed == 1)
        #expect(
            try Set(bench.files()) == [
                "Subsidiaries-2026-01-05.csv loaded -", "mystery.csv failed unknown_type",
            ]
        )
        #expect(bench.contains("processed/Subsidiaries-2026-01-05.csv"))
        #expect(bench.contains("failed/mystery.csv") && bench.contains("failed/mystery.csv.errors.csv"))
        let again = try await bench.serve { $0.layout = .flat(patterns: [:]) }
        #expect(again.plan.listed == 0)
    }

    @Test func `a copy leaves the spool when its time is over, not before its disposal`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        bench.inbox.before { $0 == .move ? .permission("denied") : nil }
        try await bench.serve()
        bench.clock.pass(.seconds(100 * 86_400))
        try await bench.serve()
        #expect(try bench.spool.copies().count == 1)
        bench.inbox.heal()
        try await bench.serve()
        #expect(try bench.spool.copies().count == 0)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct RunMarkerTests {
    @Test func `a file is taken once its marker lies beside it, and the marker goes along`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        let first = try await bench.serve { $0.marker = .done }
        #expect(first.plan.waiting == 1)
        #expect(try bench.files() == ["a.csv waiting marker_missing"])
        try bench.put("", "subsidiaries/pending/a.csv.done")
        let second = try await bench.serve { $0.marker = .done }
        #expect(second.batch.ingested == 1)
        #expect(bench.contains("subsidiaries/processed/a.csv.done"))
        #expect(!bench.contains("subsidiaries/pending/a.csv.done"))
    }

    @Test func `a file must keep what its hash promises`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        try bench.put(String(repeating: "0", count: 64) + "  a.csv\n", "subsidiaries/pending/a.csv.sha256")
        let first = try await bench.serve { $0.marker = .sha256 }
        #expect(first.batch.deferred == 1)
        #expect(try bench.files().first == "a.csv waiting changed_while_read")
        let copy = try bench.spool.makeCopy(size: nil, reserve: 0)
        try copy.write(Array(subsidiaries.utf8).span.bytes, at: 0)
        let hash = try bench.spool.keep(copy).sha256
        try bench.put("\(hash)  a.csv\n", "subsidiaries/pending/a.csv.sha256", modified: 1_700_000_009)
        let second = try await bench.serve { $0.marker = .sha256 }
        #expect(second.batch.ingested == 1)
    }

    @Test func `a manifest vouches for the files it names`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        try bench.put(subsidiaries, "subsidiaries/pending/b.csv")
        try bench.put("a.csv\r\n", "subsidiaries/pending/manifest.txt")
        let outcome = try await bench.serve { $0.marker = .manifest }
        #expect(outcome.batch.ingested == 1 && outcome.plan.waiting == 1)
    }
}
