import Glibc
import TestSupport
import Testing

/// A ledger that is not what it was: refused in clear words and left alone, or read whole.
@Suite(.timeLimit(Torture.limit))
struct DamagedLedgerTests {
    private enum Damage: Sendable {
        case flipped(Int)
        case cut, zeroedHeader, zeroedPage
    }

    /// Spoils the ledger; returns what was done, for a message.
    private static func spoil(_ ledger: inout [UInt8], _ damage: Damage, _ random: inout SplitMix64) -> String
    {
        switch damage {
        case .flipped(let count):
            let places = (0..<count).map { _ in Int.random(in: 0..<ledger.count, using: &random) }
            for place in places { ledger[place] ^= UInt8.random(in: 1...255, using: &random) }
            return "bytes flipped at \(places)"
        case .cut:
            let size = Int.random(in: 1..<ledger.count, using: &random)
            ledger.removeSubrange(size...)
            return "cut to \(size) bytes"
        case .zeroedHeader:
            for place in 0..<100 { ledger[place] = 0 }
            return "header zeroed"
        case .zeroedPage:
            let page = Int.random(in: 0..<ledger.count / 4096, using: &random)
            for place in page * 4096..<(page + 1) * 4096 { ledger[place] = 0 }
            return "page \(page + 1) zeroed"
        }
    }

    @Test func `a damaged ledger is refused and left alone, or whole`() async throws {
        let days = try await Torture.days()
        let ledgers = Torture.number("TORTURE_LEDGERS", long: 1000, short: 6)
        let tally = Torture.Tally()
        try await Torture.sweep(days) { day, number in
            guard number <= ledgers else { return false }
            var random = SplitMix64(seed: Torture.seed &+ UInt64(number))
            try await day.rewind()
            var bytes = try day.drop.folder.read("state/ledger.sqlite")
            let damages: [Damage] = [
                .flipped(1), .flipped(8), .flipped(64), .cut, .zeroedPage, .zeroedHeader,
            ]
            let done = Self.spoil(&bytes, damages[number % damages.count], &random)
            try day.drop.folder.write(bytes, to: "state/ledger.sqlite", mode: 0o640)
            let what = "seed \(Torture.seed), ledger \(number), \(done)"
            let result = try await day.drop.run("poll")
            if [0, 65].contains(result.status) {
                tally.add("opened")
                let ledger = day.drop.folder.path("state/ledger.sqlite")
                let check = try await runTool([
                    "/usr/bin/sqlite3", "-readonly", ledger, "PRAGMA integrity_check",
                ])
                #expect(check == "ok\n", "\(what): \(check)")
            } else {
                tally.add("refused")
                #expect([74, 78].contains(result.status), "\(what): \(result.status) \(result.errors)")
                #expect(!result.errors.isEmpty, "\(what): refused without a word")
                // Only the verdict: a ledger is too long for a message.
                let isLeftAlone = try day.drop.folder.read("state/ledger.sqlite") == bytes
                #expect(isLeftAlone, "\(what): refused, and changed")
            }
            return true
        }
        Torture.tell("damaged ledgers: \(tally["refused"]) refused, \(tally["opened"]) opened and whole")
        #expect(tally["refused"] > 0)
    }

    @Test func `a ledger that is gone, empty, foreign or newer is refused, and the old one put back is fine`()
        async throws
    {
        let day = try #require(try await Torture.days(1).first)
        let ledger = day.drop.folder.path("state/ledger.sqlite")
        func expect(_ status: Int, _ word: String, _ what: String) async throws {
            let result = try await day.drop.run("poll")
            #expect(result.status == status, "\(what): \(result.status) \(result.errors)")
            #expect(result.errors.contains(word), "\(what): \(result.errors)")
        }
        try await day.rewind()
        unlink(ledger)
        try await expect(74, "the ledger is gone", "gone")
        try day.drop.folder.write("", to: "state/ledger.sqlite")
        try await expect(74, "the ledger is gone", "empty")
        unlink(ledger)
        try await runTool(["/usr/bin/sqlite3", ledger, "CREATE TABLE t (x); INSERT INTO t VALUES (1)"])
        let foreign = try day.drop.folder.read("state/ledger.sqlite")
        try await expect(74, "another program", "foreign")
        #expect(try day.drop.folder.read("state/ledger.sqlite") == foreign)
        try day.drop.folder.write(
            "no database at all, but long enough to be one\n",
            to: "state/ledger.sqlite"
        )
        try await expect(74, "not a database", "no database")
        try await day.rewind()
        try await runTool(["/usr/bin/sqlite3", ledger, "PRAGMA user_version = 999"])
        try await expect(78, "newer version", "newer")
        try await day.rewind()
        try await day.expectCalmEnd("put back")
    }

    @Test func `without its write-ahead log a ledger is older, says so, and does nothing twice`() async throws
    {
        let day = try #require(try await Torture.days(1).first)
        let kinds: [Faults.Kind] = [.write]
        let counters = day.drop.folder.path("counters")
        try await day.rewind()
        // Killed late: much is committed, nothing of it copied into the database.
        let faults = Faults(kinds: kinds, at: 150, deed: .kill)
        let environment = try faults.environment(for: day.drop, counters: counters)
        let victim = try day.drop.launch("poll", environment: environment)
        #expect(try await victim.wait() == 128 + Int(SIGKILL))
        for name in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
            unlink(day.drop.folder.path("state/\(name)"))
        }
        let result = try await day.drop.run("poll")
        #expect([0, 65, 74].contains(result.status), "\(result.errors)")
        if result.status != 74 { try day.drop.expectInvariants() }
    }
}
