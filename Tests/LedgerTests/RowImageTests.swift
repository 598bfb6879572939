import GRDB
import Receivables
import TestSupport
import Testing

@testable import Ledger

/// Rows that SQLite takes from a database that is made as it is read.
struct RowImageTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger
    private let type: RecordType

    init() throws {
        folder = try TemporaryFolder("image")
        let time = Timestamp(milliseconds: 1_800_000_000_000)
        let drop = Drop(name: "acme", inboxURL: "file:///in")
        ledger = try Ledger.open(path: folder.path("ledger.sqlite"), drop: drop, owner: "test", time: time)
        type = try #require(Catalogue.type(named: "open_invoices"))
    }

    private func load(_ body: (LoadTransaction) throws -> Void) throws {
        try ledger.load(file: 1, at: Timestamp(milliseconds: 1_800_000_000_000), body)
    }

    /// Rows of so many columns, in stretches; the indexes take the first and the second of them.
    private final class Rows: RowSource {
        private var left: [PackedRows] = []
        private let packed: [PackedIndex]

        init(_ plan: RowPlan, stretches: [[[FlatValue]]]) throws {
            packed = try plan.indexed.map { _ in try PackedIndex() }
            var id: Int64 = 0
            for stretch in stretches {
                let rows = PackedRows()
                for values in stretch {
                    id += 1
                    Self.pack(values, plan) { header, body in rows.add(1, from: id) { _ in (header, body) } }
                    for (index, place) in zip(packed, plan.indexed) {
                        try index.add(1, from: id) { _ in place.map { values[$0] } ?? .null }
                    }
                }
                left.append(rows)
            }
            for index in packed { try index.finish() }
            left.reverse()
        }

        private static func pack(
            _ values: [FlatValue],
            _ plan: RowPlan,
            _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
        ) {
            let texts = values.reduce(0) { $0 + ($1.text?.count ?? 0) }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: plan.headerRoom) { header in
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: plan.room + texts) { bytes in
                    guard let kinds = header.baseAddress, let start = bytes.baseAddress else { return }
                    var packer = RecordPacker(header: kinds, body: start)
                    for step in plan.steps {
                        switch step {
                        case .constant(let kinds, let bytes):
                            plan.header[kinds].withUnsafeBytes { header in
                                plan.body[bytes].withUnsafeBytes { body in
                                    packer.appendPadded(header: header, body: body)
                                }
                            }
                        case .nulls(let count): packer.appendNulls(count)
                        case .value(let place): packer.append(values[place])
                        }
                    }
                    body(
                        UnsafeRawBufferPointer(start: kinds, count: packer.header - kinds),
                        UnsafeRawBufferPointer(start: start, count: packer.body - start)
                    )
                }
            }
        }

        func next() throws -> PackedRows? { left.popLast() }
        func indexes() throws -> [PackedIndex] { packed }
    }

    private static let columns = ["invoice_id", "invoice_number", "amount", "memo"]

    private func plan(_ load: LoadTransaction) throws -> RowPlan {
        try load.rowPlan(of: type, columns: Self.columns, constants: ["status": "OPEN", "currency": "EUR"])
    }

    /// Rows of texts and numbers that stay where they are while the test runs.
    private struct Invoice {
        var id: String
        var number: String?
        var amount: Int64?
        var memo: String?
    }

    /// Loads stretches of invoices, and gives back what is stored.
    private func store(_ stretches: [[Invoice]], counting count: Int? = nil) throws -> [Row] {
        var texts: [UnsafeMutableRawBufferPointer] = []
        defer { for text in texts { text.deallocate() } }
        func flat(_ text: String?) -> FlatValue {
            guard let text else { return .null }
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
            bytes.copyBytes(from: text.utf8)
            texts.append(bytes)
            return .text(UnsafeRawBufferPointer(bytes))
        }
        let values = stretches.map { rows in
            rows.map {
                [flat($0.id), flat($0.number), $0.amount.map { .integer($0) } ?? .null, flat($0.memo)]
            }
        }
        let size = Int64(count ?? stretches.count)
        try load { load in
            let plan = try plan(load)
            let rows = try Rows(plan, stretches: values)
            try load.insertAll(by: plan, in: RowStretches(of: size, least: 1), from: rows, isOrdered: true)
        }
        return try ledger.pool.read { db in
            #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
            return try Row.fetchAll(
                db,
                sql:
                    "SELECT id, invoice_id, invoice_number, amount, memo, status, scale FROM invoice ORDER BY id"
            )
        }
    }

    private func expect(_ stored: [Row], _ invoices: [Invoice]) {
        #expect(stored.count == invoices.count)
        for (number, (row, invoice)) in zip(stored, invoices).enumerated() {
            #expect(row["id"] == number + 1)
            #expect(row["invoice_id"] == invoice.id)
            #expect(row["invoice_number"] == invoice.number)
            #expect(row["amount"] == invoice.amount)
            #expect(row["memo"] == invoice.memo)
            #expect(row["status"] == "OPEN")
            #expect(row["scale"] == 2)
        }
    }

    @Test func `numbers and texts of every length come through`() throws {
        var numbers: [Int64?] = [nil, 0, 1, -1, 2, .min, .max]
        for bits in [7, 15, 23, 31, 47] as [Int64] {
            for near in [-2, -1, 0, 1] as [Int64] { numbers += [1 << bits + near, -(1 << bits) + near] }
        }
        let lengths = Array(0...70) + [127, 128, 8184, 8185, 8186, 8187, 16_000, 60_000]
        let memos = lengths.map {
            String(repeating: "é", count: $0 / 2) + String(repeating: "x", count: $0 % 2)
        }
        let invoices = (0..<max(numbers.count, memos.count)).map { place in
            Invoice(
                id: "I\(1000 + place)",
                number: place % 3 == 0 ? nil : "N\(place)",
                amount: numbers[place % numbers.count],
                memo: memos[place % memos.count]
            )
        }
        expect(try store([invoices]), invoices)
    }

    @Test func `rows of many stretches and pages stand in their order, and in their indexes`() throws {
        let stretches = (0..<7).map { stretch in
            (0..<(stretch == 3 ? 1 : 900)).map { row in
                Invoice(
                    id: "I\(10_000 + stretch * 1000 + row)",
                    number: "N\(row % 50)",
                    amount: Int64(row),
                    memo: String(repeating: "m", count: row % 400)
                )
            }
        }
        expect(try store(stretches), stretches.flatMap(\.self))
        let found = try ledger.pool.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM invoice INDEXED BY invoice_by_number WHERE invoice_number = 'N7'"
            )
        }
        #expect(found == 6 * 18)
    }

    @Test(arguments: [1, 3, 4, 5, 9, 10, 11, 100])
    func `entries so long that few of them fill a page come through`(count: Int) throws {
        let number = String(repeating: "n", count: PackedIndex.mostText - 4)
        let invoices = (0..<count).map { row in
            Invoice(id: "I\(1000 + row)", number: "\(number)\(1000 + row)", amount: nil, memo: nil)
        }
        expect(try store([invoices]), invoices)
    }

    @Test func `a file without rows leaves the table empty`() throws {
        #expect(try store([[]]).isEmpty)
    }

    @Test func `stretches that do not come, or have no row, end the load and leave nothing`() throws {
        let invoice = Invoice(id: "I1", number: nil, amount: nil, memo: nil)
        #expect(throws: DatabaseError.self) { try store([[invoice], []], counting: 3) }
        #expect(throws: DatabaseError.self) { try store([[], [invoice]]) }
        let count = try ledger.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM invoice") }
        #expect(count == 0)
        expect(try store([[invoice]]), [invoice])
    }

    @Test func `a connection forgets the rows it has read`() throws {
        for _ in 1...30 {
            #expect(try store([[]]).isEmpty)
        }
    }

    @Test func `an index that was added to be unique is not taken on trust`() throws {
        try ledger.pool.write { db in
            try db.execute(
                sql: "CREATE UNIQUE INDEX added ON invoice (invoice_number COLLATE NOCASE)"
            )
        }
        let twins = ["n1", "N1"].map { (number: String) in
            Invoice(id: "I-" + number, number: number, amount: nil, memo: nil)
        }
        #expect(throws: LoadTransaction.RepeatedKey.self) { try store([twins]) }
        expect(try store([[twins[0]]]), [twins[0]])
    }

    @Test func `a transaction that tries out too many files says so`() throws {
        try ledger.rehearse(at: Timestamp(milliseconds: 1_800_000_000_000)) { stage in
            for number in 1...9 {
                let load = try stage.begin(Int64(number))
                let plan = try plan(load)
                let rows = try Rows(plan, stretches: [[]])
                let stretches = RowStretches(of: 0, least: 1)
                func insert() throws {
                    try load.insertAll(by: plan, in: stretches, from: rows, isOrdered: true)
                }
                if number < 9 {
                    try insert()
                } else {
                    #expect(throws: LoadTransaction.TooManyAtOnce.self, performing: insert)
                }
            }
        }
        expect(try store([[]]), [])
    }

    @Test func `a file is cut into stretches that all have their part of it`() {
        for size in [0, 1, 255, 256, 257, 511, 512, 5000, 10_000_000] as [Int64] {
            let stretches = RowStretches(of: size, least: 256)
            // One page leads to them all.
            #expect((1...9000).contains(stretches.count))
            #expect(stretches.count == max(1, Int(size / 256)) || stretches.count > 8900)
            #expect(stretches.isLast(stretches.count - 1))
            #expect(!stretches.ends(stretches.count - 1, before: size))
            if stretches.count > 1 { #expect(stretches.ends(stretches.count - 2, before: size - 1)) }
        }
    }

    @Test func `SQLite copies the rows and the entries of their indexes as they are`() throws {
        try load { load in
            let plan = try plan(load)
            #expect(plan.dropped.isEmpty)
            let rows = try Rows(plan, stretches: [[]])
            let image = try RowImage(plan.schema, RowStretches(of: 0, least: 1), from: rows)
            let name = try RowImageFile.attach(image, to: load.db)
            let steps = try Row.fetchAll(
                load.db,
                sql: "EXPLAIN INSERT INTO main.invoice SELECT * FROM \(name).invoice"
            )
            let codes = steps.map { $0["opcode"] as String }
            // The table, its key, and three further indexes.
            #expect(codes.filter { $0 == "RowData" || $0 == "RowCell" }.count == 5, "\(codes)")
        }
    }
}
