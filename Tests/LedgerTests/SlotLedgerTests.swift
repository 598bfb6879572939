import GRDB
import Ledger
import TestSupport
import Testing

struct SlotLedgerTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder("slots")
        ledger = try Ledger.open(
            path: folder.path("ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///in"),
            owner: "test",
            time: Self.hour(0)
        )
    }

    private static func hour(_ hour: Int64) -> Timestamp { Timestamp(milliseconds: hour * 3_600_000) }

    private func skipped() throws -> [Row] {
        try ledger.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT slot, slot_to, slot_count FROM run WHERE state = 'skipped'")
        }
    }

    private func events() throws -> Int? {
        try ledger.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM event WHERE event = 'run.skipped'")
        }
    }

    @Test func `nothing is closed before the first run`() throws {
        #expect(try SlotLedger(ledger).lastClosed(notAfter: Self.hour(9)) == nil)
    }

    @Test func `skips that follow each other are one row and one event`() throws {
        let slots = SlotLedger(ledger)
        try slots.skip(from: Self.hour(1), to: Self.hour(3), count: 3, reason: .missed, at: Self.hour(4))
        try slots.skip(from: Self.hour(4), to: Self.hour(4), count: 1, reason: .missed, at: Self.hour(5))
        let rows = try skipped()
        #expect(rows.count == 1)
        #expect(rows.first?["slot_count"] == 4)
        #expect(rows.first?["slot_to"] == "1970-01-01T04:00:00Z")
        #expect(try events() == 1)
        try slots.skip(from: Self.hour(5), to: Self.hour(5), count: 1, reason: .overrun, at: Self.hour(6))
        #expect(try skipped().count == 2)
        #expect(try slots.lastClosed(notAfter: Self.hour(9)) == Self.hour(5))
    }

    @Test func `after the clock was set back an older slot was the last`() throws {
        let runs = RunLedger(ledger)
        for hour in [1, 2, 9] as [Int64] {
            _ = try runs.begin(.slot, slot: Self.hour(hour), at: Self.hour(hour))
        }
        #expect(try SlotLedger(ledger).lastClosed(notAfter: Self.hour(5)) == Self.hour(2))
    }

    @Test func `a request closes no slot`() throws {
        _ = try RunLedger(ledger).begin(.request, slot: Self.hour(3), at: Self.hour(3))
        #expect(try SlotLedger(ledger).lastClosed(notAfter: Self.hour(5)) == nil)
    }

    @Test(arguments: FileState.allCases)
    func `a file never leaves a state for one that the table does not name`(state: FileState) {
        let back: Set<FileState> = [.waiting, .ignored]
        if ![.waiting, .received, .held, .ignored].contains(state) {
            #expect(!FileState.allCases.contains { back.contains($0) && state.mayBecome($0) })
        }
        #expect(!FileState.discarded.mayBecome(state) && !FileState.superseded.mayBecome(state))
    }
}
