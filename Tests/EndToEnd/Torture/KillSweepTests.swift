import Glibc
import TestSupport
import Testing

/// The real daemon, killed at every call that makes something durable, while it lives through a day of everything.
@Suite(.timeLimit(Torture.limit))
struct KillSweepTests {
    /// What makes something durable or undoes it.
    private static let kinds: [Faults.Kind] = [
        .create, .write, .sync, .rename, .unlink, .truncate, .mkdir, .link,
    ]

    /// Runs the daemon until it has made the run that was ordered, or is killed.
    private static func live(_ day: EventfulDay, _ faults: Faults) async throws -> (status: Int, Faults.Count)
    {
        try await day.rewind()
        try day.orderRun()
        let counters = day.drop.folder.path("counters")
        unlink(counters)
        let environment = try faults.environment(for: day.drop, counters: counters)
        let daemon = try day.drop.launch("run", environment: environment)
        try await poll("the end of the day") {
            day.drop.folder.contains("state/requests/order.answer") || !daemon.isRunning ? true : nil
        }
        daemon.signal(SIGTERM)
        return (try await daemon.wait(), try Faults.Count(counters))
    }

    @Test func `killed at any durable call, a day ends as if nothing had happened`() async throws {
        let days = try await Torture.days()
        let calm = try await Self.live(try #require(days.first), Faults())
        #expect(calm.status == 0, "\(days[0].drop.lastComplaint())")
        try await days[0].expectCalmEnd("without a kill")
        let counts = Self.kinds.map { "\($0.rawValue) \(calm.1.calls[$0] ?? 0)" }.joined(separator: ", ")
        Torture.tell("durable calls of the day: \(counts)")
        if Torture.isLong {
            for sweep in 1...Torture.number("TORTURE_SWEEPS", long: 3, short: 1) {
                try await sweepAll(days, sweep: sweep)
            }
        } else {
            try await sample(days[0], calm.1)
        }
    }

    private func sweepAll(_ days: [EventfulDay], sweep: Int) async throws {
        let stride = Torture.number("TORTURE_STRIDE", long: 1, short: 1)
        for kind in Self.kinds where Torture.wants(kind.rawValue) {
            let tally = Torture.Tally()
            // In the last sweep writes are not just cut off between two calls but torn.
            let deed: Faults.Deed = sweep == 3 ? .tear : .kill
            try await Torture.sweep(days) { day, number in
                let number = (number - 1) * stride + 1
                let faults = Faults(kinds: [kind], at: number, deed: deed)
                let (status, count) = try await Self.live(day, faults)
                let isKilled = status == 128 + Int(SIGKILL)
                #expect(isKilled == (count.strikes > 0), "\(kind) \(number): \(status)")
                guard isKilled else { return false }
                let isCalm = try await day.expectCalmEnd("sweep \(sweep), killed at \(kind) \(number)")
                tally.add("kills")
                if !isCalm { tally.add("violations") }
                return true
            }
            let figure = "\(tally["kills"]) kills, \(tally["violations"]) violations"
            Torture.tell("sweep \(sweep), \(kind.rawValue): \(figure)")
        }
    }

    /// A few kills, drawn from all kinds.
    private func sample(_ day: EventfulDay, _ calm: Faults.Count) async throws {
        var random = SplitMix64(seed: Torture.seed)
        var kills = 0
        for kind in [.sync, .rename, .write, .write, .create, .unlink] as [Faults.Kind] {
            let number = Int.random(in: 1...max(1, calm.calls[kind] ?? 1), using: &random)
            let (status, _) = try await Self.live(day, Faults(kinds: [kind], at: number, deed: .kill))
            kills += status == 128 + Int(SIGKILL) ? 1 : 0
            try await day.expectCalmEnd("seed \(Torture.seed), killed at \(kind) \(number)")
        }
        // The daemon does not make the same calls each time, but a sweep without kills is none.
        #expect(kills >= 3)
    }

    @Test func `the checker catches a server that archives before the commit`() async throws {
        let archiving = [
            "/usr/bin/env", "LD_PRELOAD=\(try Faults.library())", "FAULTS_ROOT={inbox}", "FAULTS_ARCHIVE=1",
            "/usr/lib/openssh/sftp-server", "-d", "{inbox}",
        ]
        var server = OpenSSHServer.Options()
        server.subsystem = archiving.joined(separator: " ")
        // Nobody notices the mistake for as long as nothing is killed.
        let day = try #require(try await Torture.days(1, server: server).first)
        var caught: [Int] = []
        for number in 1...4 {
            let (status, _) = try await Self.live(day, Faults(kinds: [.rename], at: number, deed: .kill))
            guard status == 128 + Int(SIGKILL) else { continue }
            if try await !day.endsCalmly() { caught.append(number) }
        }
        #expect(!caught.isEmpty)
        if Torture.isLong {
            Torture.tell("archived before the commit: caught at renames \(caught) of 1 to 4")
        }
    }
}
