import Foundation
import GRDB
import Ingestion
import Ledger
import Receivables
import Testing

/// What is remembered of owners must not show in the ledger: it makes loading quicker and does no more.
struct OwnerMemoryTests {
    /// A way to take sets in: what comes of them must not depend on it.
    enum Way: CaseIterable {
        case remembered
        case inSmallParts
        case inOversizeParts
        case withMeetingHashes

        var tuning: LoadTuning {
            var tuning = LoadTuning()
            tuning.rememberedRows = 1
            switch self {
            case .remembered: break
            case .inSmallParts:
                tuning.parts.part = 64
                tuning.parts.waiting = 300
            case .inOversizeParts:
                tuning.parts.part = 128
                tuning.parts.waiting = 100
                tuning.parts.oversize = 250
            case .withMeetingHashes:
                tuning.hashesWeakly = true
                tuning.parts.part = 200
            }
            return tuning
        }

        /// The same without memory.
        var plain: LoadTuning {
            var tuning = tuning
            tuning.takesQuickPaths = false
            return tuning
        }
    }

    @Test(.timeLimit(.minutes(30)), arguments: ModelAgreementTests.seeds)
    func `random days of contacts and lines leave the same ledger with memory and without`(seed: UInt64)
        throws
    {
        var story = OwnerStory(seed: seed)
        let steps = story.steps()
        let reference = try OwnerReplay(Way.remembered.plain)
        let way = Way.allCases[Int(seed % 4)]
        let (plain, quick) = (try OwnerReplay(way.plain), try OwnerReplay(way.tuning))
        for (number, step) in steps.enumerated() {
            try reference.perform(step)
            try plain.perform(step)
            try quick.perform(step)
            let place = "seed \(seed), \(way), step \(number)"
            let agrees = try quick.agrees(with: plain, place)
            // Rows come in another order where the parts are others.
            #expect(try quick.views() == reference.views(), "\(place)")
            if !agrees { return }
        }
    }

    @Test(.timeLimit(.minutes(30)), arguments: ModelAgreementTests.seeds)
    func `the model's days leave the same ledger with memory and without`(seed: UInt64) throws {
        var generator = DropGenerator(seed: seed)
        let story = generator.drop()
        let way = Way.allCases[Int(seed / 2 % 4)]
        let plain = try ModelReplay(story.settings, tuning: way.plain)
        let quick = try ModelReplay(story.settings, tuning: way.tuning)
        try quick.expectAgreement(with: plain, over: story.steps, "seed \(seed), \(way)")
    }

    private static let header = "customer_id,email,phone\n"

    /// A drop with customers A and B and two contacts each, loaded with memory.
    private func drop() throws -> LoadingDrop {
        let drop = try LoadingDrop()
        drop.settings.tuning = Way.remembered.tuning
        try drop.batch(
            .init(
                "customers_with_open_balances",
                "customer_id,name,balance,currency\nA,A,1,USD\nB,B,1,USD\n"
            ),
            .init("contacts", Self.header + "A,a@x.io,1\nB,b@x.io,2\nA,c@x.io,3\nB,d@x.io,4\n")
        )
        return drop
    }

    /// Changes a stored contact behind the back of everything, so that it shows who is passed over.
    private func tamper(_ drop: LoadingDrop) throws {
        try drop.ledger.pool.write { db in
            try db.execute(sql: "DROP TRIGGER contact_owner_update; UPDATE contact SET phone = 'tampered'")
        }
    }

    @Test func `owners whose rows are the same in any order are passed over, the others are settled`() throws
    {
        let drop = try drop()
        try tamper(drop)
        let outcome = try drop.batch(
            .init("contacts", Self.header + "A,c@x.io,3\nB,b@x.io,2\nA,a@x.io,1\nB,d@x.io,5\n")
        )
        #expect(outcome["contacts.csv"]?.counts.unchanged == 2)
        #expect(outcome["contacts.csv"]?.counts.updated == 2)
        #expect(
            try drop.query("SELECT email, phone FROM contacts ORDER BY email") == [
                "a@x.io|tampered", "b@x.io|2", "c@x.io|tampered", "d@x.io|5",
            ]
        )
    }

    @Test func `an owner that a file leaves out is still known when it comes back`() throws {
        let drop = try drop()
        try drop.batch(.init("contacts", Self.header + "A,a@x.io,1\nA,c@x.io,3\n"))
        try tamper(drop)
        try drop.batch(.init("contacts", Self.header + "B,b@x.io,2\nB,d@x.io,4\n"))
        #expect(try drop.query("SELECT DISTINCT phone FROM contacts WHERE customer_id = 'B'") == ["tampered"])
    }

    @Test(arguments: [
        "UPDATE contact SET phone = 'mine' WHERE email = 'a@x.io'",
        "DELETE FROM contact WHERE email = 'a@x.io'",
        "INSERT INTO contact (customer_id, email, owner, owner_key, source) VALUES ('A', 'z@x.io', 'cA', 'ez@x.io', 'contacts/email')",
    ])
    func `whoever writes an owner's rows has the file's rows judged again`(edit: String) throws {
        let drop = try drop()
        try drop.ledger.pool.write { db in try db.execute(sql: edit) }
        try drop.batch(
            .init("contacts", Self.header + "A,a@x.io,1\nB,b@x.io,2\nA,c@x.io,3\nB,d@x.io,4\n")
        )
        #expect(
            try drop.query("SELECT email, phone FROM contacts ORDER BY email") == [
                "a@x.io|1", "b@x.io|2", "c@x.io|3", "d@x.io|4",
            ]
        )
    }

    @Test func `nothing is remembered under another header, and small files remember nothing`() throws {
        let drop = try drop()
        try tamper(drop)
        try drop.batch(.init("contacts", "customer_id,phone,email\nA,1,a@x.io\nA,3,c@x.io\n"))
        #expect(
            try drop.query("SELECT phone FROM contacts WHERE customer_id = 'A' ORDER BY 1") == ["1", "3"]
        )
        let other = try LoadingDrop()
        try other.batch(
            .init("customers_with_open_balances", "customer_id,name,balance,currency\nA,A,1,USD\n"),
            .init("contacts", Self.header + "A,a@x.io,1\n")
        )
        #expect(try other.query("SELECT count(*) FROM owner_block") == ["0"])
    }

    @Test(arguments: [
        "UPDATE payment SET amount = 5 WHERE payment_id = 'P'",
        "UPDATE payment SET status = 'voided' WHERE payment_id = 'P'",
        "UPDATE invoice SET currency = 'EUR' WHERE invoice_id = 'I'",
    ])
    func `lines are judged again when the payment or the invoice has changed`(edit: String) throws {
        let drop = try LoadingDrop()
        drop.settings.tuning = Way.remembered.tuning
        let lines = LoadingDrop.File("payment_applications", "payment_id,invoice_id,amount\nP,I,10\n")
        try drop.batch(
            .init("customers_with_open_balances", "customer_id,name,balance,currency\nA,A,1,USD\n"),
            .init(
                "open_invoices",
                "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"
                    + "I,N,A,2025-01-01,2025-01-02,10,10,USD\n"
            ),
            .init(
                "payment_receipts",
                "payment_id,customer_id,payment_date,amount,currency\nP,A,2025-01-02,10,USD\n"
            ),
            lines
        )
        #expect(try drop.batch(lines)["payment_applications.csv"]?.state == .duplicate)
        try drop.ledger.pool.write { db in try db.execute(sql: edit) }
        #expect(try drop.batch(lines)["payment_applications.csv"]?.state == .loadedWithErrors)
    }

    @Test func `a huge set of one owner and one key is taken in without taking it into memory`() throws {
        let drop = try LoadingDrop()
        drop.settings.tuning.parts.oversize = 100_000
        let rows = String(repeating: "A,a@x.io,1\n", count: 20_000)
        let outcome = try drop.batch(
            .init("customers_with_open_balances", "customer_id,name,balance,currency\nA,A,1,USD\n"),
            .init("contacts", Self.header + rows)
        )
        #expect(outcome["contacts.csv"]?.counts.inserted == 1)
        #expect(outcome["contacts.csv"]?.counts.unchanged == 19_999)
    }
}

/// A drop to which an ``OwnerStory`` happens.
final class OwnerReplay: Replay {
    let drop: LoadingDrop
    private var newest: [String: (file: ReceivedFile, batch: Batch)] = [:]

    init(_ tuning: LoadTuning) throws {
        drop = try LoadingDrop()
        drop.settings.tuning = tuning
    }

    func perform(_ step: OwnerStory.Step) throws {
        switch step {
        case .batch(let files):
            let (received, batch) = try drop.load(files)
            for file in received { newest[file.type.name] = (file, batch) }
        case .configure(let change):
            change(&drop.settings)
        case .write(let sql):
            try drop.ledger.pool.write { db in try db.execute(sql: sql) }
        case .replay(let type):
            guard let (file, loaded) = newest[type] else { break }
            let state = try drop.query("SELECT state FROM files WHERE file_id = \(file.fileID)").first
            guard let state, ["loaded", "loaded_with_errors", "duplicate"].contains(state) else { break }
            let batch = Batch(run: loaded.run, slot: loaded.slot, day: loaded.day, files: [file])
            _ = try drop.loader.load(
                file,
                in: batch,
                occasion: .replay(by: "test", isOlder: false),
                at: drop.now
            )
        }
        drop.now = drop.now.adding(seconds: 8 * 3600)
    }

    /// What people see, whatever the order in which it was written.
    func views() throws -> [String] {
        try (Catalogue.types.map(\.name) + ["files", "row_issues", "events"])
            .flatMap { view in
                let shown =
                    view == "events" ? "at, event, file_id, json_remove(detail, '$.path', '$.fallback')" : "*"
                return try drop.query("SELECT \(shown) FROM \(view)").map { "\(view): \($0)" }.sorted()
            }
    }
}
