import Ingestion
import Ledger
import Receivables
import Testing

/// A file that comes into an empty table: quickly or plainly, what can be seen afterwards is the same.
struct FirstLoadTests {
    private static let customers = """
        customer_id,name,balance,currency,parent_id
        C1,"Anna, ""A"" & Co",10.50,EUR,
        C2,Zwei,7,JPY,C1
        C3,Drei,0,EUR,C9
        C4,Vier,1.00,eur,

        """
    private static let head =
        "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency"

    /// Invoices that are all good, by their number.
    private static func good(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { "I\($0),N\($0),C1,2024-01-05,2024-02-05,100.00,50.25,EUR\n" }.joined()
    }

    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var invoices: String
        var path = "first"
        var change: @Sendable (inout LoadSettings) -> Void = { _ in }

        init(
            _ description: String,
            _ invoices: String,
            path: String = "first",
            change: @escaping @Sendable (inout LoadSettings) -> Void = { _ in }
        ) {
            self.description = description
            self.invoices = invoices
            self.path = path
            self.change = change
        }
    }

    static let cases = [
        Case("good rows", "\(head)\n\(good(1...40))"),
        Case("no row", "\(head)\n"),
        Case(
            "rows with warnings of all kinds",
            """
            \(head)
            \(good(1...5))J1,N90,C1,2024-01-05,2023-02-05,100.00,50.00,EUR
            J2,N91,C1,2024-01-05,2024-02-05,100.00,0,EUR
            J3,N92,C1,2024-01-05,2024-02-05,100.00,200.00,EUR
            J4,N3,C1,2024-01-05,2024-02-05,100.00,20.00,EUR
            J5,N91,C1,2024-01-05,2024-02-05,100.00,20.00,EUR
            J6,N3,C1,2024-01-05,2024-02-05,100.00,0,EUR
            \(good(6...9))
            """
        ),
        Case(
            "damaged rows and bad cells",
            """
            \(head)
            \(good(1...5))J1,N90,C1,2024-01-05
            J2,"N9"1,C1,2024-01-05,2024-02-05,100.00,1,EUR
            J3,N\u{0}2,C1,2024-01-05,2024-02-05,100.00,1,EUR
            ,N3,C1,2024-01-05,2024-02-05,100.00,1,EUR
            J5,N5,C1,2024-02-30,2024-13-05,1e2,1.001,XXQ

            J6,N6,,2024-01-05,2024-02-05,100.00,1,EUR
            J7,N7,C1,2024-01-05,2024-02-05,n/a,1,JPY
            \(good(6...9))
            """
        ),
        Case(
            "rows without their parent",
            """
            \(head)
            \(good(1...2))J1,N90,C77,2024-01-05,2024-02-05,1,1,EUR
            \(good(3...4))
            """
        ),
        Case(
            "rows without their parent fail",
            """
            \(head)
            \(good(1...2))J1,N90,C77,2024-01-05,2024-02-05,1,1,EUR
            \(good(3...4))
            """,
            change: { $0.orphansFail = true }
        ),
        Case(
            "a key twice",
            "\(head)\n\(good(1...5))\(good(2...2))\(good(6...9))",
            path: "repeated_key plain"
        ),
        Case(
            "a key twice, one of them refused",
            """
            \(head)
            \(good(1...5))I3,N90,C1,2024-01-05,2024-02-05,1,x,EUR

            """,
            path: "repeated_key plain"
        ),
        Case(
            "a key twice, both refused",
            """
            \(head)
            \(good(1...5))J1,N90,C1,2024-01-05,2024-02-05,1,x,EUR
            J1,N91,C1,2024-01-05,2024-02-05,1,y,EUR

            """,
            path: "repeated_key plain"
        ),
        Case(
            "a key twice, the first counts",
            "\(head)\n\(good(1...5))I2,N9,C1,2024-01-05,2024-02-05,1,1,EUR\n",
            path: "repeated_key plain",
            change: { $0.duplicates = .first }
        ),
        Case("numbers in no order", "\(head)\n\(good(5...9))\(good(1...4))"),
        Case(
            "other forms",
            """
            \(head),updated_at,invoice_type,tags
            J1, N90 ,C1,05.01.2024,05.02.2024,"1,100.00",(1.00),eur,2024-01-05T10:00:00+02:00,Invoice,b|a|b
            J2,N91,C1,2024-01-05,2024-02-05,100,50,JPY,2024-01-05T10:00:00.250Z,debit_memo,|

            """,
            change: { settings in
                settings.reading = .init(
                    money: .lenient,
                    dateFormats: [.iso] + [.init("dd.MM.yyyy")].compactMap(\.self)
                )
            }
        ),
        Case(
            "custom columns with anything in them",
            """
            \(head),Plant,"Say ""so"" now",,Ort\u{E9}
            J1,N90,C1,2024-01-05,2024-02-05,1,1,EUR,"a ""b"" \\ c\tend","line
            two\u{1}",,\u{1F600}
            J2,N91,C1,2024-01-05,2024-02-05,1,1,EUR,,,,
            J3,N92,C1,2024-01-05,2024-02-05,1,1,EUR,x,,unread,

            """
        ),
        Case("lines that end with CR", "\(head)\n\(good(1...4))".replacing("\n", with: "\r")),
        Case("no last line end", String("\(head)\n\(good(1...4))".dropLast())),
        Case("a quote that never closes", "\(head)\n\(good(1...4))J1,\"open,C1", path: "none"),
        Case(
            "blank cells are kept",
            "\(head),Plant\nJ1,N90,C1,2024-01-05,2024-02-05,1,1,EUR,\n",
            change: { $0.blankKeeps = true }
        ),
    ]

    @Test(arguments: cases) func `a first load ends as the plain load does`(story: Case) throws {
        let plain = try load(story) { $0.takesQuickPaths = false }
        let quick = try load(story) { tuning in
            tuning.firstBytes = 0
            tuning.rememberedRows = 1
        }
        #expect(try Self.sight(of: quick) == Self.sight(of: plain))
        let path = try Self.paths(of: quick, type: "open_invoices").first ?? "none"
        #expect(path == story.path)
        #expect(try quick.query("PRAGMA foreign_key_check").isEmpty)
        #expect(try quick.query("PRAGMA integrity_check") == ["ok"])
    }

    @Test(arguments: cases) func `hashes that meet change nothing`(story: Case) throws {
        let plain = try load(story) { $0.takesQuickPaths = false }
        let quick = try load(story) { tuning in
            tuning.firstBytes = 0
            tuning.hashesWeakly = true
        }
        #expect(try Self.sight(of: quick) == Self.sight(of: plain))
    }

    @Test func `receipts make up their customers on both paths`() throws {
        let receipts = """
            payment_id,customer_id,payment_date,amount,currency,status
            P1,C1,2024-01-05,10.00,EUR,open
            P2,C8,2024-01-05,10.00,EUR,
            P3,C8,2024-01-05,-1.00,EUR,refunded
            P4,C1,2024-01-05,-1.00,EUR,open
            P5,C1,2024-01-05,5,EUR,voided

            """
        let sights = try [true, false].map { isQuick in
            var settings = LoadSettings()
            settings.createsStubs = true
            settings.tuning.takesQuickPaths = isQuick
            settings.tuning.firstBytes = 0
            let drop = try LoadingDrop(settings)
            try drop.batch(
                .init("customers_with_open_balances", Self.customers),
                .init("payment_receipts", receipts)
            )
            if isQuick { #expect(try Self.paths(of: drop, type: "payment_receipts") == ["first"]) }
            return try Self.sight(of: drop)
        }
        #expect(sights[0] == sights[1])
    }

    @Test func `many rows go through the ring many times`() throws {
        let drop = try load(Case("", "\(Self.head)\n\(Self.good(1...5000))")) { $0.firstBytes = 0 }
        #expect(try Self.paths(of: drop, type: "open_invoices") == ["first"])
        #expect(try drop.query("SELECT count(*), sum(balance) FROM invoice") == ["5000|25125000"])
    }

    @Test func `a row larger than a group finds room`() throws {
        let memo = String(repeating: "ü", count: 4000)
        let plant = String(repeating: "\u{1}", count: 200_000)
        let text = "\(Self.head),memo,Plant\nJ1,N1,C1,2024-01-05,2024-02-05,1,1,EUR,\(memo),\(plant)\n"
        let drop = try load(Case("", text)) { $0.firstBytes = 0 }
        #expect(
            try drop.query("SELECT length(memo), length(json_extract(custom, '$.Plant')) FROM invoice") == [
                "4000|200000"
            ]
        )
    }

    @Test(.timeLimit(.minutes(5))) func `a load that is told to stop wakes its reader and leaves nothing`()
        throws
    {
        var settings = LoadSettings()
        settings.tuning.firstBytes = 0
        let drop = try LoadingDrop(settings)
        try drop.batch(.init("customers_with_open_balances", Self.customers))
        let file = try drop.receive(.init("open_invoices", "\(Self.head)\n\(Self.good(1...20_000))"))
        #expect(throws: LoadFailure.self) {
            try drop.loader.load(file, in: drop.makeBatch([file]), at: drop.now, shouldStop: { true })
        }
        #expect(try drop.query("SELECT count(*) FROM invoice") == ["0"])
        #expect(
            try drop.query("SELECT count(*) FROM sqlite_schema WHERE name = 'invoice_by_number'") == ["1"]
        )
    }

    @Test(.timeLimit(.minutes(5))) func `too many bad rows are a matter for the plain path`() throws {
        let bad = (1...1500).map { "B\($0),N,C1,bad,2024-02-05,1,1,EUR\n" }.joined()
        let story = Case("", "\(Self.head)\n\(Self.good(1...1600))\(bad)", path: "too_many_set_aside plain")
        let drop = try load(story) { $0.firstBytes = 0 }
        #expect(try Self.paths(of: drop, type: "open_invoices") == [story.path])
        #expect(
            try drop.query("SELECT rows_inserted, rows_rejected FROM files WHERE type = 'open_invoices'") == [
                "1600|1500"
            ]
        )
    }

    private func load(_ story: Case, _ tune: (inout LoadTuning) -> Void) throws -> LoadingDrop {
        var settings = LoadSettings()
        story.change(&settings)
        tune(&settings.tuning)
        let drop = try LoadingDrop(settings)
        try drop.batch(
            .init("customers_with_open_balances", Self.customers),
            .init("open_invoices", story.invoices)
        )
        return drop
    }

    /// How the files of a type were loaded.
    private static func paths(of drop: LoadingDrop, type: String) throws -> [String] {
        try drop.query(
            """
            SELECT coalesce(json_extract(detail, '$.fallback') || ' ', '') || json_extract(detail, '$.path')
              FROM event WHERE json_extract(detail, '$.path') IS NOT NULL
               AND file_id IN (SELECT file_id FROM files WHERE type = '\(type)') ORDER BY seq
            """
        )
    }

    /// All that can be seen: views in the order of their keys, findings, parked rows and events as they were written.
    private static func sight(of drop: LoadingDrop) throws -> [String] {
        try drop.query("SELECT * FROM customers_with_open_balances ORDER BY customer_id")
            + drop.query("SELECT * FROM open_invoices ORDER BY invoice_id")
            + drop.query("SELECT * FROM payment_receipts ORDER BY payment_id")
            + drop.query("SELECT * FROM row_issue")
            + drop.query("SELECT * FROM parked_row")
            + drop.query("SELECT * FROM custom_column")
            + drop.query("SELECT * FROM file")
            + drop.query("SELECT seq, event, file_id, json_remove(detail, '$.path', '$.fallback') FROM event")
            + drop.query(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
            )
    }
}
