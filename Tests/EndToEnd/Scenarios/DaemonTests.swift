import Glibc
import TestSupport
import Testing

/// The daemon: requests, signals, kills.
@Suite(.timeLimit(.minutes(5)))
struct DaemonTests {
    private func started(
        _ drop: EndToEndDrop,
        environment: [String: String] = [:]
    ) async throws -> ChildProcess {
        let before = drop.folder.contains("state/status.log") ? try drop.log("daemon.started").count : 0
        let daemon = try drop.launch("run", environment: environment)
        try await TestSupport.poll("the daemon") {
            try #require(daemon.isRunning)
            guard drop.folder.contains("state/status.log") else { return nil as Bool? }
            // A line in the making is not whole yet.
            return (try? drop.log("daemon.started").count) ?? 0 > before ? true : nil
        }
        return daemon
    }

    @Test func `a daemon serves requests, reloads, stops when told and survives a kill`() async throws {
        let drop = try await EndToEndDrop.start()
        let daemon = try await started(drop)
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices(invoice("I1"), invoice("I2", ["amount": "x"]))
        )
        try await drop.poll(65)
        try drop.expect(
            "SELECT trigger, state FROM runs WHERE state <> 'skipped'",
            gives: ["request|finished"]
        )
        try drop.expect("SELECT invoice_id FROM open_invoices", gives: ["I1"])
        try await TestSupport.poll("the digest") { try drop.mails().isEmpty ? nil : true }

        // A second daemon, and at once: the bound is for a loaded machine.
        let start = ContinuousClock.now
        let second = try await drop.run("run")
        #expect(second.status == 75)
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(!second.errors.isEmpty)
        #expect(daemon.isRunning)

        // A wrong configuration is refused, and the old one stays.
        try drop.configure(DropSettings(more: ["colour: blue"]))
        daemon.signal(SIGHUP)
        try await TestSupport.poll("the refusal") { try drop.log("config.refused").isEmpty ? nil : true }
        #expect(daemon.isRunning)
        try drop.configure(DropSettings(loading: ["orphans: fail"]))
        #expect(rename(drop.folder.path("state/status.log"), drop.folder.path("state/status.log.1")) == 0)
        daemon.signal(SIGHUP)
        try await TestSupport.poll("the reload") {
            guard drop.folder.contains("state/status.log") else { return nil as Bool? }
            return try drop.log("config.reloaded").isEmpty ? nil : true
        }
        try await drop.put(.invoices(invoice("I1"), invoice("I9", ["customer_id": "C9"])))
        try await drop.poll(65)
        #expect(try drop.files("open_invoices").last == "loaded_with_errors|-|2=0+0+1+1+0")

        let stopping = ContinuousClock.now
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(ContinuousClock.now - stopping < .seconds(10))
        #expect(try drop.log("daemon.stopped").count == 1)

        // Two logs since the rotation, one sequence.
        let first = try LogLine.all(in: drop.folder.text("state/status.log.1")).map(\.seq)
        let rest = try drop.statusLog().map(\.seq)
        #expect(first + rest == Array(1...(first.count + rest.count)))
        try drop.folder.write(
            drop.folder.text("state/status.log.1") + drop.folder.text("state/status.log"),
            to: "state/status.log"
        )
        try drop.expectInvariants()
    }

    @Test func `without an inotify instance the daemon looks for requests every second`() async throws {
        let drop = try await EndToEndDrop.start()
        let environment = ["LD_PRELOAD": try Faults.preload(), "FAULTS_INOTIFY": "\(EMFILE)"]
        let daemon = try await started(drop, environment: environment)
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        try drop.expect(
            "SELECT trigger, state FROM runs WHERE state <> 'skipped'",
            gives: ["request|finished"]
        )
        #expect(daemon.isRunning)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func `a daemon that was ended in a run goes on with it`(_ signal: CInt) async throws {
        let drop = try await EndToEndDrop.start()
        let invoices = (1...4000).map { invoice("I\($0)") } + [invoice("X", ["due_date": "x"])]
        try await drop.put(.customers("C1,Acme,1.00,USD"), .invoices(invoices))
        let daemon = try await started(drop)
        let request = try await drop.run("poll", "--no-wait")
        #expect(request.status == 0)
        try await TestSupport.poll("the batch") {
            try drop.query("SELECT 1 FROM events WHERE event = 'file.received'").isEmpty ? nil : true
        }
        daemon.signal(signal)
        #expect(try await daemon.wait() == (signal == SIGKILL ? 128 + Int(SIGKILL) : 0))

        let again = try await started(drop)
        try await TestSupport.poll("the end of the run") {
            try drop.query("SELECT 1 FROM runs WHERE state = 'finished'").isEmpty ? nil : true
        }
        try await TestSupport.poll("the digest") { try drop.mails().isEmpty ? nil : true }
        // The killed daemon left its request unanswered, so it is served with a run of its own.
        try await TestSupport.poll("the answer") {
            try drop.folder.names(in: "state/requests").contains { $0.hasSuffix(".request") } ? nil : true
        }
        again.signal(SIGTERM)
        #expect(try await again.wait() == 0)
        try drop.expect("SELECT count(*), sum(status = 'OPEN') FROM open_invoices", gives: ["4000|4000"])
        #expect(try drop.mailKinds() == ["digest"])
        #expect(try drop.listing("open_invoices/pending") == [])
        try drop.expectInvariants()
    }

    @Test func `of the slots that were missed the newest is caught up and the others are told`() async throws
    {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        let first = try await started(drop)
        first.signal(SIGTERM)
        #expect(try await first.wait() == 0)
        // There is nothing to catch up at the first start.
        try drop.expect("SELECT count(*) FROM runs", gives: ["0"])

        // As if that had been three slots ago.
        try drop.write(
            "UPDATE event SET at = strftime('%Y-%m-%dT%H:%M:%S.000Z', 'now', '-3 hours') WHERE event = 'daemon.started'"
        )
        let second = try await started(drop)
        try await TestSupport.poll("the run") {
            try drop.query("SELECT 1 FROM runs WHERE state = 'finished'").isEmpty ? nil : true
        }
        second.signal(SIGTERM)
        #expect(try await second.wait() == 0)
        try drop.expect(
            "SELECT trigger, state, reason FROM runs ORDER BY slot",
            gives: ["slot|skipped|missed", "catch_up|finished|-"]
        )
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        try drop.expect(
            "SELECT detail ->> 'count' FROM events WHERE event = 'run.skipped'",
            gives: ["2"]
        )
        try drop.expectInvariants()
    }
}
