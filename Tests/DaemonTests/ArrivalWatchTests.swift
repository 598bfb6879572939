import GRDB
import Ledger
import TestSupport
import Testing

@testable import Daemon

/// What is told of files that do not come, hour by hour with a clock of the test's.
struct ArrivalWatchTests {
    private let drop: ToldDrop
    private let watch: ArrivalWatch

    init() throws {
        drop = try ToldDrop()
        watch = ArrivalWatch(drop.ledger)
        watch.noteCaughtUp()
    }

    private func configuration(_ expect: String) throws -> Daemon.Configuration {
        let yaml = """
            name: acme
            state_directory: /var/lib/ledgerdrop/acme
            inbox: { url: "file:///srv/drop" }
            \(expect.isEmpty ? "" : "expect: { \(expect) }")
            """
        return try Daemon.Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
    }

    private func told() throws -> [String] {
        try drop.ledger.pool.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT at || ' ' || event || coalesce(' ' || (detail ->> 'last_file_state'), '')
                           || coalesce(' ' || (detail ->> 'reason'), '')
                      FROM event WHERE event LIKE 'arrival.%' ORDER BY seq
                    """
            )
        }
    }

    /// A file that goes through a run of its own and settles as it is told.
    private func file(
        _ type: String,
        _ state: FileState,
        hour: String,
        minute: String = "00:36"
    ) throws {
        let path = "\(type)/pending/\(hour).csv"
        let run = try drop.run(hour, drop.entry(path, .batch, size: 10))
        let id = try drop.ledger.pool.read { db in
            try #require(try Int64.fetchOne(db, sql: "SELECT max(file_id) FROM file"))
        }
        let time = ToldDrop.time("\(hour):\(minute).000Z")
        try drop.receive(id, size: 10, in: run, at: time)
        try drop.settle(id, Settlement(state, run: run), at: time)
        _ = try RunLedger(drop.ledger).finish(run, at: time)
    }

    /// Looks every ten minutes.
    private func look(_ expect: String, from: String, to: String) async throws {
        let configuration = try configuration(expect)
        var now = ToldDrop.time(from)
        while now <= ToldDrop.time(to) {
            try await watch.look(configuration, now: now)
            now = now.adding(seconds: 600)
        }
    }

    private let morning = "open_invoices: { by: \"06:30\", grace: 1h }"

    @Test func `late, missing and recovered are told once each`() async throws {
        try await look(morning, from: "2026-11-23T05:00:00Z", to: "2026-11-23T10:00:00Z")
        try file("open_invoices", .loaded, hour: "2026-11-23T10")
        try await look(morning, from: "2026-11-23T10:10:00Z", to: "2026-11-24T06:30:00Z")
        #expect(
            try told() == [
                "2026-11-23T06:40:00.000Z arrival.late", "2026-11-23T07:40:00.000Z arrival.missing",
                "2026-11-23T10:10:00.000Z arrival.recovered",
            ]
        )
        // What came late does not count for the next day.
        try await look(morning, from: "2026-11-24T06:40:00Z", to: "2026-11-24T07:00:00Z")
        #expect(try told().last == "2026-11-24T06:40:00.000Z arrival.late")
    }

    @Test func `what is missing stays so when the clock is set back, and is told once`() async throws {
        try await look(morning, from: "2026-11-23T05:00:00Z", to: "2026-11-23T08:00:00Z")
        try await look(morning, from: "2026-11-23T06:50:00Z", to: "2026-11-23T09:00:00Z")
        #expect(
            try told() == [
                "2026-11-23T06:40:00.000Z arrival.late", "2026-11-23T07:40:00.000Z arrival.missing",
            ]
        )
        // Before the deadline nothing is waited for; behind it all begins anew.
        try await look(morning, from: "2026-11-23T06:10:00Z", to: "2026-11-23T07:40:00Z")
        #expect(
            try told().dropFirst(2) == [
                "2026-11-23T06:10:00.000Z arrival.recovered expectation_changed",
                "2026-11-23T06:40:00.000Z arrival.late", "2026-11-23T07:40:00.000Z arrival.missing",
            ]
        )
    }

    @Test func `a file in time keeps its day quiet, and two are no better than one`() async throws {
        try file("open_invoices", .loaded, hour: "2026-11-23T04")
        try await look(morning, from: "2026-11-23T05:00:00Z", to: "2026-11-23T05:20:00Z")
        try file("open_invoices", .duplicate, hour: "2026-11-23T06")
        try await look(morning, from: "2026-11-23T06:10:00Z", to: "2026-11-24T06:30:00Z")
        #expect(try told().isEmpty)
        try await look(morning, from: "2026-11-24T06:40:00Z", to: "2026-11-24T06:40:00Z")
        #expect(try told() == ["2026-11-24T06:40:00.000Z arrival.late"])
    }

    @Test(arguments: [(FileState.failed, "failed"), (.held, "held")])
    func `a file that was not loaded keeps its type late, and is named`(state: FileState, word: String)
        async throws
    {
        try await look(morning, from: "2026-11-23T05:00:00Z", to: "2026-11-23T05:50:00Z")
        try file("open_invoices", state, hour: "2026-11-23T06")
        try await look(morning, from: "2026-11-23T06:10:00Z", to: "2026-11-23T08:00:00Z")
        #expect(
            try told() == [
                "2026-11-23T06:40:00.000Z arrival.late \(word)",
                "2026-11-23T07:40:00.000Z arrival.missing \(word)",
            ]
        )
        let arrival = try #require(try ArrivalLedger(drop.ledger).all().first)
        #expect(arrival.stopped == StoppedFile(id: 1, name: "2026-11-23T06.csv", state: word))
        #expect(arrival.state == .missing)
    }

    @Test func `a replay is no arrival`() async throws {
        try file("open_invoices", .loaded, hour: "2026-11-21T10")
        try await look(morning, from: "2026-11-23T05:00:00Z", to: "2026-11-23T06:00:00Z")
        try drop.settle(1, Settlement(.loaded, run: 1), at: ToldDrop.time("2026-11-23T06:10:00Z"))
        try await look(morning, from: "2026-11-23T06:20:00Z", to: "2026-11-23T06:40:00Z")
        #expect(try told() == ["2026-11-23T06:40:00.000Z arrival.late"])
    }

    @Test func `a snapshot that was ever loaded is missing after 26 hours of weekdays`() async throws {
        try await look("", from: "2026-11-19T08:00:00Z", to: "2026-11-19T09:00:00Z")
        try file("customers_with_open_balances", .loaded, hour: "2026-11-20T10")
        try file("payment_receipts", .loaded, hour: "2026-11-20T11")
        try await look("", from: "2026-11-20T11:10:00Z", to: "2026-11-24T12:00:00Z")
        #expect(try told() == ["2026-11-23T12:10:00.000Z arrival.missing"])
        #expect(try ArrivalLedger(drop.ledger).all().map(\.type) == ["customers_with_open_balances"])
    }

    @Test func `nothing is late before what was missed is caught up with`() async throws {
        try file("customers_with_open_balances", .loaded, hour: "2026-11-16T10")
        let started = ArrivalWatch(drop.ledger)
        try await started.look(try configuration(""), now: ToldDrop.time("2026-11-23T12:00:00Z"))
        #expect(try told().isEmpty)
        started.noteCaughtUp()
        try await started.look(try configuration(""), now: ToldDrop.time("2026-11-23T12:00:00Z"))
        #expect(try told() == ["2026-11-23T12:00:00.000Z arrival.missing"])
    }

    @Test func `nothing is called late while a run is at work`() async throws {
        try await look(morning, from: "2026-11-23T05:00:00Z", to: "2026-11-23T05:50:00Z")
        let run = try drop.run("2026-11-23T06")
        try await look(morning, from: "2026-11-23T06:10:00Z", to: "2026-11-23T06:50:00Z")
        #expect(try told().isEmpty)
        _ = try RunLedger(drop.ledger).finish(run, at: ToldDrop.time("2026-11-23T06:51:00Z"))
        try await look(morning, from: "2026-11-23T06:52:00Z", to: "2026-11-23T06:52:00Z")
        #expect(try told() == ["2026-11-23T06:52:00.000Z arrival.late"])
    }

    @Test func `an expectation that is given up ends what was told of it`() async throws {
        let every = "payment_receipts: { every: 1h }"
        try await look(every, from: "2026-11-23T05:00:00Z", to: "2026-11-23T07:00:00Z")
        try await look("", from: "2026-11-23T07:10:00Z", to: "2026-11-23T08:00:00Z")
        #expect(
            try told() == [
                "2026-11-23T06:10:00.000Z arrival.missing",
                "2026-11-23T07:10:00.000Z arrival.recovered expectation_changed",
            ]
        )
        #expect(try ArrivalLedger(drop.ledger).all().isEmpty)
    }

    /// Whatever comes when: late, missing and recovered take turns, and what is told last is how things stand.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a random year is told without repetition`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let expect = "open_invoices: { by: \"02:30\", zone: Europe/Berlin, days: mon-fri, grace: 2h }"
        let configuration = try configuration(expect)
        let rule = try #require(ArrivalRule.all(of: configuration)["open_invoices"])
        var remembered: Arrival?
        var facts = ArrivalFacts()
        var now = ToldDrop.time("2026-01-01T00:00:00Z")
        var isOpen = false
        var last = EventName.arrivalRecovered
        for _ in 0..<3000 {
            now = now.adding(seconds: Int64(random.next() % 10_000) + 60)
            if random.next() % 12 == 0 { facts.lastLoadedAt = now.adding(seconds: -30) }
            let judge = ArrivalJudge(
                "open_invoices",
                rule: rule,
                remembered: remembered,
                facts: facts,
                now: now
            )
            let arrival = try #require(judge.arrival)
            for event in judge.events(for: arrival) {
                switch event.name {
                case .arrivalLate: #expect(!isOpen)
                case .arrivalMissing: #expect(!isOpen || last == .arrivalLate)
                default: #expect(isOpen)
                }
                isOpen = event.name != .arrivalRecovered
                last = event.name
            }
            #expect(isOpen == (arrival.state != .fresh))
            // The very same look again tells nothing.
            let again = ArrivalJudge(
                "open_invoices",
                rule: rule,
                remembered: arrival,
                facts: facts,
                now: now
            )
            #expect(again.arrival == arrival)
            #expect(again.events(for: arrival).isEmpty)
            remembered = arrival
        }
    }
}
