import Ingestion
import Intake
import Ledger
import Synchronization
import TestSupport
import Testing

private let subsidiaries = "subsidiary_id,name\nS1,One\n"

/// Whatever stopped a run, the next start goes on with it under its own id.
@Suite(.timeLimit(.minutes(5)))
struct RunResumeTests {
    /// An end that no run expects.
    private struct Crash: Error {}

    @Test func `after the cut-off listing what came later still waits`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        let stop = RunStop()
        bench.clock.onSleep { stop.set() }
        let first = try await bench.serve(stop: stop)
        #expect(first.state == .interrupted)
        bench.clock.onSleep(nil)
        try bench.put(subsidiaries, "subsidiaries/pending/late.csv")
        let resumed = try await bench.run().resume()
        #expect(resumed.map(\.run) == [first.run])
        #expect(resumed.map(\.batch.ingested) == [1])
        #expect(try Set(bench.files()) == ["a.csv loaded -", "late.csv waiting arrived_after_cut_off"])
        #expect(try bench.count(.runResumed) == 1)
        #expect(try bench.count(.runStarted) == 1)
        #expect(try bench.lines("SELECT count(*) FROM sighting") == ["0"])
    }

    @Test func `a run that was killed while it fetched goes on fetching`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        let stop = RunStop()
        bench.inbox.after { call in
            if call == .fetch { stop.set() }
            return call == .fetch ? .unreachable("killed") : nil
        }
        let first = try await bench.serve(stop: stop)
        #expect(first.state == .interrupted)
        #expect(try bench.files() == ["a.csv waiting shutdown"])
        bench.inbox.heal()
        let resumed = try await bench.run().resume()
        #expect(resumed.map(\.batch.ingested) == [1])
        #expect(resumed.map(\.state) == [.finished])
        #expect(try bench.count(.runFinished) == 1)
    }

    @Test func `what has come early stays ours, however soon a run ends`() async throws {
        let bench = try RunBench()
        for number in 1...100 { try bench.put(subsidiaries, "subsidiaries/pending/\(number).csv") }
        let stop = RunStop()
        bench.inbox.before { [inbox = bench.inbox] call in
            if call == .fetch, inbox.count(.fetch) > 1 { stop.set() }
            return nil
        }
        let first = try await bench.serve(stop: stop)
        #expect(first.state == .interrupted)
        #expect(try bench.lines("SELECT count(*) FROM files WHERE state = 'received'") == ["32"])
        bench.inbox.heal()
        let resumed = try await bench.run().resume()
        #expect(resumed.map { $0.batch.ingested + $0.batch.duplicate } == [100])
    }

    @Test func `a run that was stopped while it loaded goes on from the spool`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv", modified: 1)
        try bench.put(subsidiaries + "S2,Two\n", "subsidiaries/pending/b.csv", modified: 2)
        var steps = RunSteps(
            Loader(ledger: bench.ledger, settings: LoadSettings()),
            now: { bench.clock.now }
        )
        let load = steps.load
        steps.load = { file, batch, shouldStop in
            if file.name == "b.csv" { throw LoadFailure.interrupted }
            try load(file, batch, shouldStop)
        }
        let first = try await bench.serve(steps: steps)
        #expect(first.state == .interrupted)
        #expect(try bench.files() == ["a.csv loaded -", "b.csv received shutdown"])
        let sizes = Mutex<[Int]>([])
        steps.load = { file, batch, shouldStop in
            sizes.withLock { $0.append(batch.files.count) }
            try load(file, batch, shouldStop)
        }
        let fetches = bench.inbox.count(.fetch)
        let resumed = try await bench.run(steps: steps).resume()
        #expect(resumed.map(\.run) == [first.run])
        #expect(resumed.map(\.batch.ingested) == [2])
        // The sibling that was loaded before still counts as part of the batch.
        #expect(sizes.withLock { $0 } == [2])
        #expect(bench.inbox.count(.fetch) == fetches)
        #expect(try bench.files() == ["a.csv loaded -", "b.csv loaded -"])
        #expect(
            bench.contains("subsidiaries/processed/a.csv") && bench.contains("subsidiaries/processed/b.csv")
        )
    }

    @Test func `a run that was killed outright is resumed as well`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        var steps = RunSteps(
            Loader(ledger: bench.ledger, settings: LoadSettings()),
            now: { bench.clock.now }
        )
        let load = steps.load
        steps.load = { _, _, _ in throw Crash() }
        await #expect(throws: Crash.self) { try await bench.serve(steps: steps) }
        #expect(try bench.lines("SELECT state FROM runs") == ["running"])
        steps.load = load
        let resumed = try await bench.run(steps: steps).resume()
        #expect(resumed.map(\.state) == [.finished])
        #expect(try bench.files() == ["a.csv loaded -"])
        let none = try await bench.run().resume()
        #expect(none.isEmpty)
    }

    @Test func `a copy that the spool has lost is fetched again`() async throws {
        let bench = try RunBench()
        try bench.put(subsidiaries, "subsidiaries/pending/a.csv")
        var steps = RunSteps(
            Loader(ledger: bench.ledger, settings: LoadSettings()),
            now: { bench.clock.now }
        )
        steps.load = { _, _, _ in throw LoadFailure.interrupted }
        try await bench.serve(steps: steps)
        for copy in try bench.spool.copies() { try bench.spool.remove(copy) }
        let resumed = try await bench.run().resume()
        #expect(resumed.map(\.batch.deferred) == [1])
        try await bench.serve()
        #expect(try bench.files() == ["a.csv loaded -"])
    }
}
