import GRDB
import Ledger
import TestSupport
import Testing

/// What is left to a process that was paused while another took the ledger over.
struct LeaseTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private let folder: TemporaryFolder
    private let paused: Ledger
    private let other: Ledger

    init() throws {
        folder = try TemporaryFolder("lease")
        paused = try Self.open(folder)
        other = try Self.open(folder)
    }

    /// Opens it as a process of this host does: the kernel lock, which decides there, is not asked.
    private static func open(_ folder: TemporaryFolder) throws -> Ledger {
        try Ledger.open(
            path: folder.path("ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///in"),
            owner: "test",
            time: now
        )
    }

    private static let writes: [(String, @Sendable (Ledger) throws -> Void)] = [
        ("a load", { ledger in try ledger.load(file: 1, at: now) { _ in } }),
        (
            "a plan",
            { ledger in
                try PlanLedger(ledger).commit([], absent: [], counts: PlanCounts(), run: 1, at: now)
            }
        ),
        ("a run's begin", { ledger in _ = try RunLedger(ledger).begin(.slot, slot: now, at: now) }),
        ("a run's end", { ledger in _ = try RunLedger(ledger).finish(1, at: now) }),
        ("a receipt", { ledger in try FileLedger(ledger).receive([], in: 1, at: now) }),
        ("a deferral", { ledger in try FileLedger(ledger).defer([], reason: .gone, in: 1, at: now) }),
        ("a disposal's end", { ledger in try DisposalLedger(ledger).done([.init(file: 1)], at: now) }),
        (
            "a skip",
            { ledger in
                try SlotLedger(ledger).skip(from: now, to: now, count: 1, reason: .missed, at: now)
            }
        ),
        ("an event", { ledger in try EventLedger(ledger).append(Event(.daemonStarted), at: now) }),
        (
            "a pin",
            { ledger in _ = try HostKeyLedger(ledger).accept("SHA256:x", by: "ops", notAfter: nil, at: now) }
        ),
        ("a renewal", { ledger in try ledger.renewLease(at: now) }),
        ("a look before a mail", { ledger in try ledger.requireLease() }),
    ]

    @Test func `whatever a paused holder does is refused, and writes nothing`() throws {
        for (what, write) in Self.writes {
            #expect(throws: LedgerFailure.leaseLost, "\(what)") { try write(paused) }
        }
        let rows = try other.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM event)")
        }
        #expect(rows == 0)
    }

    @Test func `no mail of a paused holder is taken up`() async throws {
        await #expect(throws: LedgerFailure.leaseLost) {
            try await paused.alert(at: Self.now) { try $0.nextDue() }
        }
    }

    @Test func `that it lost the lease is all that it may still say`() throws {
        try EventLedger(paused).appendLeaseLost(at: Self.now)
        let said = try other.pool.read { db in try String.fetchAll(db, sql: "SELECT event FROM event") }
        #expect(said == ["lease.lost"])
    }

    @Test func `the holder goes on`() throws {
        try other.renewLease(at: Self.now)
        #expect(try RunLedger(other).begin(.slot, slot: Self.now, at: Self.now) != nil)
    }

    @Test func `another host has to wait for the term`() throws {
        try other.pool.write { db in try db.execute(sql: "UPDATE lease SET host = 'elsewhere'") }
        let until = Self.now.seconds + Lease.term
        #expect(throws: LedgerFailure.leaseHeld(host: "elsewhere", until: until)) { try Self.open(folder) }
        try other.pool.write { db in try db.execute(sql: "UPDATE lease SET expires_at = ?", arguments: [0]) }
        #expect(try Self.open(folder).fence == other.fence + 1)
    }
}
