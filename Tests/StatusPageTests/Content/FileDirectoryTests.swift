import GRDB
import Ledger
import Receivables
import TestSupport
import Testing

@testable import StatusPage

struct FileDirectoryTests {
    @Test(arguments: 0..<6)
    func `pages of a filter are exactly the files that fit, newest first`(seed: Int) throws {
        let seeded = try SeededLedger()
        var random = SplitMix64(seed: UInt64(seed))
        let types = ["open_invoices", "contacts", nil]
        let states: [FileState] = [.loaded, .failed, .held, .waiting]
        let names = ["invoices-2026-11-21.csv", "Invoices.CSV", "ä%_.csv", "receipts-07.csv"]
        for index in 0..<150 {
            try seeded.file(
                "\(index)-\(names[Int.random(in: 0..<names.count, using: &random)])",
                type: types[Int.random(in: 0..<types.count, using: &random)],
                state: states[Int.random(in: 0..<states.count, using: &random)],
                seen: "2026-11-\(Int.random(in: 10...22, using: &random))T10:00:00.000Z"
            )
        }
        let directory = FileDirectory(seeded.ledger)
        try directory.refresh()
        // What changes afterwards is told by events, or is new.
        try seeded.write("UPDATE file SET state = 'discarded' WHERE state = 'held' AND file_id % 2 = 0")
        try seeded.write(
            """
            INSERT INTO event (at, event, file_id)
            SELECT first_seen_at, 'file.discarded', file_id FROM file WHERE state = 'discarded'
            """
        )
        for _ in 0..<20 { try seeded.file("late-INVOICES.csv") }

        for type in [nil, "open_invoices", "contacts"] {
            for state in [nil, "loaded", "held", "discarded"] {
                for part in ["", "invoices", "%", "ä", "no such"] {
                    var filter = FileFilter()
                    filter.type = type
                    filter.state = state
                    filter.name = part
                    filter.since = part.isEmpty ? Timestamp("2026-11-15T00:00:00Z")?.milliseconds : nil
                    let since = filter.since == nil ? "" : "2026-11-15"
                    let wanted = try seeded.ledger.pool.read { db in
                        try Int64.fetchAll(
                            db,
                            sql: """
                                SELECT file_id FROM file WHERE (:type IS NULL OR type = :type)
                                   AND (:state IS NULL OR state = :state) AND instr(lower(name), :part) > 0
                                   AND first_seen_at >= :since ORDER BY file_id DESC
                                """,
                            arguments: ["type": type, "state": state, "part": part, "since": since]
                        )
                    }
                    #expect(try walk(directory, filter) == wanted)
                }
            }
        }
    }

    private func walk(_ directory: FileDirectory, _ filter: FileFilter) throws -> [Int64] {
        var ids: [Int64] = []
        var before = Int64.max
        while true {
            let page = try directory.page(filter, before: before, limit: 7, now: SeededLedger.now)
            ids += page.files.map(\.id)
            guard let next = page.next else { return ids }
            before = next
        }
    }

    @Test func `a failed file needs nobody once a newer one of its type is loaded`() throws {
        let seeded = try SeededLedger()
        let directory = FileDirectory(seeded.ledger)
        var filter = FileFilter()
        filter.needsPerson = true
        try seeded.file("old.csv", state: .failed)
        try seeded.file("good.csv")
        let failed = try seeded.file("new.csv", state: .failed)
        let held = try seeded.file("held.csv", state: .held)
        let untyped = try seeded.file("x.csv", type: nil, state: .failed)
        try seeded.file("ancient.csv", type: nil, state: .failed, seen: "2026-01-01T00:00:00.000Z")
        #expect(try walk(directory, filter) == [untyped, held, failed])
        try seeded.file("mended.csv")
        #expect(try walk(directory, filter) == [untyped, held])
    }

    @Test func `the newest file of a type is found, and the newest that was applied`() throws {
        let seeded = try SeededLedger()
        let applied = try seeded.file("a.csv")
        let failed = try seeded.file("b.csv", state: .failed)
        try seeded.file("c.csv", state: .waiting)
        let newest = try FileDirectory(seeded.ledger).newestOfTypes()
        #expect(newest.applied["open_invoices"]?.id == applied)
        #expect(newest.taken["open_invoices"]?.id == failed)
        #expect(newest.applied["contacts"] == nil)
    }
}
