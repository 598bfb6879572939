import GRDB
import Glibc
import TestSupport
import Testing

/// Two daemons where one is wanted.
@Suite(.timeLimit(Torture.limit))
struct CompanyTests {
    /// How often two daemons race for what has been dropped; the torture has more.
    private static let rounds = Torture.number("TORTURE_ROUNDS", long: 50, short: 4)

    @Test func `two daemons with ledgers of their own load each file once`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["claim: true"]))
        let settings = DropSettings(inbox: ["claim: true"])
        let url = drop.server.url
        let yaml = settings.yaml(state: drop.folder.path("other"), url: url, pin: drop.server.hostKeyPin)
        let other = try drop.folder.write(yaml, to: "etc/other.yaml", mode: 0o600)
        let types = ["customers_with_open_balances", "contacts"]
        var dropped: [String] = []
        for round in 1...Self.rounds {
            let files = (1...6).flatMap { number -> [DroppedFile] in
                let name = "\(round)-\(number)"
                return [
                    .customers("C\(name),Acme,1.00,USD", name: "customers-\(name).csv"),
                    .contacts("C\(name),a@x.example,Ada", name: "contacts-\(name).csv"),
                ]
            }
            dropped += files.map(\.name)
            try await drop.put(files)
            async let one = drop.run("poll")
            async let two = drop.runBare("poll", "--config", other)
            // A contact may come to a ledger that its customer has not come to: parked, and told with 65.
            for result in try await [one, two] {
                #expect([0, 65].contains(result.status), "\(result.errors)\(result.output)")
            }
        }
        for type in types {
            #expect(try drop.listing("\(type)/pending") == [])
            for owner in try drop.listing("\(type)/processing") {
                #expect(try drop.listing("\(type)/processing/\(owner)") == [])
            }
        }
        let query = """
            SELECT name FROM files JOIN events USING (file_id) WHERE event LIKE 'file.loaded%' OR event = 'file.duplicate'
            """
        let mine = try drop.query(query)
        let theirs = try drop.query(query, in: "other")
        #expect((mine + theirs).sorted() == dropped.sorted())
        Torture.tell(
            "\(Self.rounds) rounds, \(dropped.count) files: one daemon loaded \(mine.count), the other \(theirs.count)"
        )
        // With a few rounds the one may always be quicker; with many that would prove nothing.
        if Self.rounds >= 20 { #expect(!mine.isEmpty && !theirs.isEmpty) }
        try drop.expectInvariants()
    }

    /// Whether this machine lets us look like another host.
    private static let mayBeAnotherHost: Bool = {
        guard geteuid() == 0, let unshare = try? ChildProcess(["/usr/bin/unshare", "-u", "-m", "/bin/true"])
        else { return false }
        while unshare.isRunning { usleep(1000) }
        return unshare.exitStatus == 0
    }()

    /// The same state directory on a host where our lock is not seen, as on a shared file system without locks.
    private func elsewhere(_ drop: EndToEndDrop) throws -> ChildProcess {
        try drop.folder.write("", to: "lock-elsewhere", mode: 0o600)
        let script = """
            hostname elsewhere && mount --bind "$1" "$2" && shift 2 && exec "$@"
            """
        return try ChildProcess(
            [
                "/usr/bin/unshare", "-u", "-m", "/bin/sh", "-c", script, "sh",
                drop.folder.path("lock-elsewhere"), drop.folder.path("state/lock"),
                try Program.path(), "run", "--config", drop.configuration,
            ],
            output: drop.folder.path("elsewhere.out"),
            errors: drop.folder.path("elsewhere.err")
        )
    }

    @Test(.enabled(if: mayBeAnotherHost))
    func `a holder that was paused past its lease commits nothing more`() async throws {
        let drop = try await EndToEndDrop.start(DropSettings(quietPeriod: "3s"))
        let first = try drop.launch("run")
        try await poll("the first daemon") {
            try #require(first.isRunning)
            guard drop.folder.contains("state/status.log") else { return nil as Bool? }
            return ((try? drop.log("daemon.started").count) ?? 0) > 0 ? true : nil
        }
        try await drop.put(.customers("C1,Acme,1.00,USD"), .invoices(invoice("I1"), invoice("I2")))
        #expect(try await drop.run("poll", "--no-wait").status == 0)
        try await poll("the cut-off listing") {
            try drop.query("SELECT 1 FROM sighting").isEmpty ? nil : true
        }
        try await poll("a pause outside of a transaction") {
            first.signal(SIGSTOP)
            do {
                // And a lease that is good for longer than this test may take.
                try drop.write("UPDATE lease SET expires_at = expires_at + 3600")
                return true
            } catch is DatabaseError {
                first.signal(SIGCONT)
                return nil
            }
        }
        // Another host stays away as long as the lease counts.
        let early = try elsewhere(drop)
        #expect(try await early.wait() == 75)
        // Instead of the minute that it takes.
        try drop.write("UPDATE lease SET expires_at = 0")
        let second = try elsewhere(drop)
        try await poll("the other host") {
            let said = try drop.folder.text("elsewhere.err")
            try #require(second.isRunning, "\(said)")
            return try drop.query("SELECT 1 FROM runs WHERE state = 'finished'").isEmpty ? nil : true
        }
        first.signal(SIGCONT)
        #expect(try await first.wait() == 75)
        try drop.expect(
            "SELECT event, count(*) FROM events WHERE event IN ('file.loaded', 'lease.lost') GROUP BY 1",
            gives: ["file.loaded|2", "lease.lost|1"]
        )
        #expect(second.isRunning)
        // The request was the first one's; perhaps the other had begun to serve it as well.
        try await poll("rest") {
            let asked = try drop.folder.names(in: "state/requests").filter { $0.hasSuffix(".request") }
            let isAtRest =
                try asked.isEmpty && drop.query("SELECT 1 FROM runs WHERE state = 'running'").isEmpty
            return isAtRest ? true : nil
        }
        second.signal(SIGTERM)
        #expect(try await second.wait() == 0)
        // Told by the one who has the ledger, at the latest when that one ends.
        #expect(try drop.log("lease.lost").count == 1)
        try drop.expectInvariants()
    }
}
