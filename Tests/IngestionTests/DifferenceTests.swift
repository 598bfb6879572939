import Foundation
import GRDB
import Ingestion
import Ledger
import Receivables
import TestSupport
import Testing

/// What a load would change, told without loading.
struct DifferenceTests {
    private static let customers = "customer_id,name,balance,currency\n"
    private static let invoices =
        "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"

    private func invoice(_ id: String, _ customer: String = "C1", balance: String = "10.00") -> String {
        "\(id),N\(id),\(customer),2025-01-01,2025-02-01,10.00,\(balance),USD\n"
    }

    /// Everything that anybody can see of a ledger, and the next ids.
    private func state(of drop: LoadingDrop) throws -> [String] {
        let views = Catalogue.types.map(\.name) + ["files", "row_issues", "runs", "events", "mail_queue"]
        return try views.flatMap { try drop.query("SELECT '\($0)', * FROM \($0)") }
            + drop.query("SELECT name, seq FROM sqlite_sequence ORDER BY name")
            + drop.query("SELECT * FROM parked_row") + drop.query("SELECT * FROM disposal")
            + drop.query("SELECT * FROM manifest")
    }

    private func preview(
        _ file: LoadingDrop.File,
        in drop: LoadingDrop,
        scope: Difference.Scope = Difference.Scope()
    ) throws -> (difference: Difference, rows: [String]) {
        let path = drop.folder.path + "/\(UUID().uuidString)"
        try Data(file.bytes).write(to: URL(filePath: path))
        let type = try #require(Catalogue.type(named: file.type))
        let received = ReceivedFile(
            fileID: 0,
            type: type,
            name: file.name,
            mtime: nil,
            size: Int64(file.bytes.count),
            sha256: "",
            spoolPath: path
        )
        var rows: [String] = []
        let difference = try drop.loader.preview(
            arriving: received,
            at: drop.now,
            day: try #require(Day(at: Int(drop.now.seconds), in: "UTC")),
            scope: scope
        ) { row in
            rows.append(row.text)
            return true
        }
        return (difference, rows)
    }

    private func drop() throws -> LoadingDrop {
        let drop = try LoadingDrop()
        try drop.batch(
            LoadingDrop.File(
                "customers_with_open_balances",
                Self.customers + "C1,Acme,20.00,USD\nC2,Beta,5.00,USD\n"
            ),
            LoadingDrop.File(
                "open_invoices",
                Self.invoices + ["I1", "I2", "I3"].map { invoice($0) }.joined()
            )
        )
        return drop
    }

    @Test func `every row that would change is told with its line, its key and what changes`() throws {
        let drop = try drop()
        let before = try state(of: drop)
        let text =
            Self.invoices + invoice("I1") + invoice("I2", balance: "4.00") + invoice("I9")
            + invoice("I7", balance: "x") + invoice("I8", "C9")
        let (difference, rows) = try preview(
            LoadingDrop.File("open_invoices", text),
            in: drop,
            scope: Difference.Scope(showsValues: true)
        )
        #expect(
            rows == [
                "inserted line 4 I9", "updated line 3 I2: balance \"10.00\" -> \"4.00\"",
                "cleared I3: balance \"10.00\" -> \"0.00\", status \"OPEN\" -> \"CLEARED\", "
                    + "cleared_date (blank) -> \"2025-01-05\"",
                "parked line 6 customer_id parent_not_found", "rejected line 5 balance bad_decimal",
            ]
        )
        #expect(difference.state == .loadedWithErrors && difference.leftOut.isEmpty)
        #expect(difference.counts.unchanged == 1 && difference.counts.cleared == 1)
        #expect(difference.issues.map(\.code).contains("bad_decimal"))
        #expect(try state(of: drop) == before)
    }

    @Test func `without being asked for, no value is told`() throws {
        let (_, rows) = try preview(
            LoadingDrop.File("open_invoices", Self.invoices + invoice("I1", balance: "4.00")),
            in: drop()
        )
        #expect(rows.first == "updated line 2 I1: balance")
        #expect(!rows.joined().contains("4.00"))
    }

    @Test func `a limit cuts each kind, and says how many rows it cut`() throws {
        let drop = try drop()
        let text = Self.invoices + (10..<20).map { invoice("I\($0)") }.joined()
        let scope = Difference.Scope(perKind: 2)
        let (difference, rows) = try preview(LoadingDrop.File("open_invoices", text), in: drop, scope: scope)
        #expect(rows.filter { $0.hasPrefix("inserted") } == ["inserted line 2 I10", "inserted line 3 I11"])
        #expect(difference.leftOut == [.inserted: 8, .cleared: 1])
        #expect(difference.omission == "not listed: 8 inserted, 1 cleared")
    }

    @Test func `a held file changes nothing, and tells nothing`() throws {
        let drop = try LoadingDrop()
        let many = (100..<200).map { invoice("I\($0)") }.joined()
        try drop.batch(
            LoadingDrop.File("customers_with_open_balances", Self.customers + "C1,Acme,20.00,USD\n"),
            LoadingDrop.File("open_invoices", Self.invoices + many)
        )
        let (difference, rows) = try preview(
            LoadingDrop.File("open_invoices", Self.invoices + invoice("I100")),
            in: drop
        )
        #expect(difference.state == .held && rows.isEmpty && difference.leftOut.isEmpty)
    }

    @Test func `zeroed customers, removed contacts and renamed custom columns are told`() throws {
        let drop = try drop()
        let customers = Self.customers.dropLast() + ",region\n"
        try drop.batch(
            LoadingDrop.File(
                "customers_with_open_balances",
                customers + "C1,Acme,20.00,USD,west\nC2,Beta,5.00,USD,\n"
            ),
            LoadingDrop.File("contacts", "customer_id,email\nC1,a@x.example\nC1,b@x.example\n")
        )
        let before = try state(of: drop)
        let zeroed = try preview(
            LoadingDrop.File("customers_with_open_balances", customers + "C1,Acme,20.00,USD,east\n"),
            in: drop
        )
        #expect(zeroed.rows == ["updated line 2 C1: custom.region", "zeroed C2: balance"])
        let contacts = try preview(
            LoadingDrop.File("contacts", "customer_id,email\nC1,b@x.example\nC1,c@x.example\n"),
            in: drop
        )
        #expect(contacts.rows == ["inserted line 3 C1 / c@x.example", "deleted C1 / a@x.example"])
        #expect(try state(of: drop) == before)
    }

    @Test func `rows of other files that waited for this one are told, and so are those that break a rule`()
        throws
    {
        let drop = try drop()
        try drop.batch(
            LoadingDrop.File(
                "payment_applications",
                "payment_id,invoice_id,amount\nP1,I1,4.00\nP1,I2,6.00\nP2,I1,70.00\nP3,I1,1.00\n",
                name: "lines.csv"
            )
        )
        let before = try state(of: drop)
        let receipts = LoadingDrop.File(
            "payment_receipts",
            "payment_id,customer_id,payment_date,amount,currency\nP1,C1,2025-01-02,10.00,USD\nP2,C1,2025-01-02,7.00,USD\n"
        )
        let (difference, rows) = try preview(receipts, in: drop)
        #expect(
            rows == [
                "inserted line 2 P1", "inserted line 3 P2",
                "healed payment_applications line 2 of lines.csv P1 / I1",
                "healed payment_applications line 3 of lines.csv P1 / I2",
                "unhealed payment_applications line 4 of lines.csv amount over_applied",
            ]
        )
        #expect(difference.counts.inserted == 2 && difference.leftOut.isEmpty)
        #expect(difference.alongside == [.healed: 2, .unhealed: 1])
        #expect(difference.summary.hasSuffix(", 2 healed, 1 unhealed"))
        #expect(try state(of: drop) == before)

        let short = try preview(receipts, in: drop, scope: Difference.Scope(perKind: 1)).difference
        #expect(short.leftOut == [.inserted: 1, .healed: 1])

        try drop.batch(receipts)
        #expect(
            try drop.query("SELECT payment_id, invoice_id FROM payment_applications ORDER BY invoice_id")
                == ["P1|I1", "P1|I2"]
        )
        #expect(
            try drop.query("SELECT rows_parked, rows_rejected FROM files WHERE name = 'lines.csv'") == ["1|1"]
        )
    }

    @Test func `what heals what heals is told as well`() throws {
        let drop = try LoadingDrop()
        try drop.batch(
            LoadingDrop.File(
                "payment_applications",
                "payment_id,invoice_id,amount\nP1,I1,4.00\n",
                name: "lines.csv"
            ),
            LoadingDrop.File(
                "payment_receipts",
                "payment_id,customer_id,payment_date,amount,currency\nP1,C1,2025-01-02,10.00,USD\n",
                name: "receipts.csv"
            )
        )
        let (_, rows) = try preview(
            LoadingDrop.File("customers_with_open_balances", Self.customers + "C1,Acme,20.00,USD\n"),
            in: drop
        )
        #expect(
            rows == [
                "inserted line 2 C1", "healed payment_receipts line 2 of receipts.csv P1",
                "healed payment_applications line 2 of lines.csv P1 / I1",
            ]
        )
    }

    @Test func `a customer that would be made up is told with the row that names it`() throws {
        var settings = LoadSettings()
        settings.createsStubs = true
        let drop = try LoadingDrop(settings)
        let before = try state(of: drop)
        let (difference, rows) = try preview(
            LoadingDrop.File(
                "payment_receipts",
                "payment_id,customer_id,payment_date,amount,currency\nP1,C7,2025-01-02,10.00,USD\nP2,C7,2025-01-02,7.00,USD\n"
            ),
            in: drop
        )
        #expect(
            rows == [
                "inserted line 2 P1", "inserted line 3 P2", "stub customers_with_open_balances line 2 C7",
            ]
        )
        #expect(difference.alongside == [.stub: 1] && difference.leftOut.isEmpty)
        #expect(try state(of: drop) == before)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5])
    func `what is told is what the load then does, on the quick paths too`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var settings = LoadSettings()
        settings.tuning.rememberedRows = 5
        settings.guardShare = 1
        settings.guardShrink = 0
        let drop = try LoadingDrop(settings)
        try drop.batch(
            LoadingDrop.File("customers_with_open_balances", Self.customers + "C1,Acme,20.00,USD\n")
        )
        for _ in 0..<4 {
            let rows = (1...30).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }.map { number in
                invoice("I\(number)", balance: "\(Int.random(in: 0..<4, using: &random)).00")
            }
            let file = LoadingDrop.File("open_invoices", Self.invoices + rows.joined())
            let before = try state(of: drop)
            let (difference, told) = try preview(file, in: drop)
            #expect(try state(of: drop) == before)
            let old = try drop.query("SELECT invoice_id, balance, status FROM open_invoices")
            let outcome = try #require(try drop.batch(file)["open_invoices.csv"])
            #expect(outcome.counts == difference.counts && outcome.state == difference.state)
            let changed = try drop.query("SELECT invoice_id, balance, status FROM open_invoices").filter {
                !old.contains($0)
            }
            #expect(
                Set(told.compactMap(Self.key))
                    == Set(changed.compactMap { $0.split(separator: "|").first }.map(String.init))
            )
        }
    }

    private static func key(of row: String) -> String? {
        row.split(separator: ":").first?.split(separator: " ").last.map(String.init)
    }
}
