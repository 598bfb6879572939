import GRDB
import Ingestion
import Ledger
import Testing

/// The acceptance scenarios of the record types, at the loader.
struct ScenarioTests {
    private let customers = LoadingDrop.File(
        "customers_with_open_balances",
        "customer_id,name,balance,currency\nC1,Acme,100.00,USD\nC2,\"Microsoft, Inc\",50,USD\n"
    )
    private func invoices(_ rows: String..., name: String? = nil, mtime: Int64 = 0) -> LoadingDrop.File {
        invoices(rows, name: name, mtime: mtime)
    }
    private func invoices(_ rows: [String], name: String? = nil, mtime: Int64 = 0) -> LoadingDrop.File {
        let header = "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency"
        return LoadingDrop.File(
            "open_invoices",
            ([header] + rows).joined(separator: "\n") + "\n",
            name: name,
            mtime: mtime
        )
    }
    private let i1 = "I1,N1,C1,2025-01-01,2025-01-31,100.00,40.00,USD"
    private let i2 = "I2,N2,C2,2025-01-01,2025-01-31,50,50,USD"
    private let statuses =
        "SELECT invoice_id, status, balance, cleared_date FROM open_invoices ORDER BY invoice_id"

    @Test func `an invoice before its customer is parked and heals`() throws {
        let drop = try LoadingDrop()
        let first = try drop.batch(invoices(i1))
        #expect(first["open_invoices.csv"]?.counts.parked == 1)
        #expect(try drop.issues() == ["2 error parent_not_found customer_id"])
        try drop.batch(customers)
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-"])
        #expect(
            try drop.query(
                "SELECT state, rows_total, rows_inserted, rows_parked FROM files WHERE type = 'open_invoices'"
            )
                == ["loaded_with_errors|1|1|0"]
        )
        #expect(try drop.issues(of: 1).isEmpty)
    }

    @Test func `a parked row heals before the next file of its type is loaded`() throws {
        let drop = try LoadingDrop()
        try drop.batch(invoices(i1, i2))
        let outcome = try drop.batch(customers, invoices(i1, i2))
        #expect(outcome["open_invoices.csv"]?.counts.unchanged == 2)
        #expect(try drop.query("SELECT rows_inserted FROM files WHERE file_id = 1") == ["2"])
    }

    @Test func `an invoice before its customer stays rejected where orphans fail`() throws {
        var settings = LoadSettings()
        settings.orphansFail = true
        let drop = try LoadingDrop(settings)
        try drop.batch(invoices(i1))
        try drop.batch(customers)
        #expect(try drop.query(statuses).isEmpty)
        let again = try drop.batch(invoices(i1))
        #expect(again["open_invoices.csv"]?.state == .loaded)
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-"])
    }

    @Test func `an absent invoice is cleared and comes back open`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1, i2))
        let outcome = try drop.batch(invoices(i1))
        #expect(outcome["open_invoices.csv"]?.counts.cleared == 1)
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|CLEARED|0.00|2025-01-05"])
        let back = try drop.batch(invoices(i1, i2))
        #expect(back["open_invoices.csv"]?.counts.reopened == 1)
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|OPEN|50.00|-"])
    }

    @Test func `whichever columns of a row change are changed, and no other`() throws {
        let before = ["N0", "2025-01-01", "2025-03-01", "100.00", "40.00"]
        let after = ["N1", "2025-01-02", "2025-03-02", "200.00", "50.00"]
        let cells = { (row: Int, later: Bool) in
            before.indices.map { later && row >> $0 & 1 == 1 ? after[$0] : before[$0] }
        }
        let file = { (later: Bool) in
            (0..<32).map { row in
                let cells = cells(row, later)
                return "I\(10 + row),\(cells[0]),C1,\(cells[1...].joined(separator: ",")),USD"
            }
        }
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(file(false)))
        let counts = try drop.batch(invoices(file(true)))["open_invoices.csv"]?.counts
        #expect(counts?.updated == 31)
        #expect(counts?.unchanged == 1)
        let stored = try drop.query(
            """
            SELECT invoice_number, invoice_date, due_date, amount, balance, customer_id, currency
            FROM open_invoices ORDER BY invoice_id
            """
        )
        #expect(stored == (0..<32).map { (cells($0, true) + ["C1", "USD"]).joined(separator: "|") })
    }

    @Test func `a rejected row keeps its invoice`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1, i2))
        try drop.batch(invoices(i1, "I2,N2,C2,2025-01-01,2025-02-30,50,60,USD"))
        #expect(try drop.issues() == ["3 error bad_date due_date"])
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|OPEN|50.00|-"])
    }

    @Test func `a row without a key suspends clearing`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1, i2))
        try drop.batch(invoices(i1, ",N2,C2,2025-01-01,2025-01-31,50,60,USD"))
        #expect(try drop.issues() == ["- warning absence_suspended -", "3 error required_blank invoice_id"])
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|OPEN|50.00|-"])
    }

    @Test func `an absent customer is zeroed and stays`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers)
        let outcome = try drop.batch(
            LoadingDrop.File(
                "customers_with_open_balances",
                "customer_id,name,balance,currency\nC1,Acme,100,USD\n"
            )
        )
        #expect(outcome["customers_with_open_balances.csv"]?.counts.cleared == 1)
        #expect(
            try drop.query("SELECT customer_id, balance FROM customers_with_open_balances ORDER BY 1")
                == ["C1|100.00", "C2|0.00"]
        )
    }

    @Test func `contacts are replaced for the owners named`() throws {
        let drop = try LoadingDrop()
        func contacts(_ rows: String...) -> LoadingDrop.File {
            LoadingDrop.File(
                "contacts",
                (["customer_id,email,first_name"] + rows).joined(separator: "\n") + "\n"
            )
        }
        try drop.batch(customers, contacts("C1,a@x.de,A", "C1,b@x.de,B", "C1,c@x.de,C", "C2,d@x.de,D"))
        try drop.ledger.pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO contact (customer_id, email, owner, owner_key, source, file_id)
                    VALUES ('C1', 'own@x.de', 'cC1', 'eown@x.de', 'product', 0)
                    """
            )
        }
        let outcome = try drop.batch(contacts("C1,a@x.de,A", "C1,b@x.de,Bea"))
        #expect(outcome["contacts.csv"]?.counts.deleted == 1)
        let emails = "SELECT email FROM contacts ORDER BY email"
        #expect(try drop.query(emails) == ["a@x.de", "b@x.de", "d@x.de", "own@x.de"])
        try drop.batch(contacts("C1,a@x.de,A", "C1,nobody,B"))
        #expect(try drop.query(emails) == ["a@x.de", "b@x.de", "d@x.de", "own@x.de"])
        #expect(try drop.issues() == ["3 error bad_email email"])
    }

    @Test func `lines replace the set of their payment and never sum to more`() throws {
        let drop = try LoadingDrop()
        let receipts = LoadingDrop.File(
            "payment_receipts",
            "payment_id,customer_id,payment_date,amount,currency\nP1,C1,2025-01-02,100,USD\nP2,C1,2025-01-02,10,USD\n"
        )
        func lines(_ rows: String...) -> LoadingDrop.File {
            LoadingDrop.File(
                "payment_applications",
                (["payment_id,invoice_id,amount"] + rows).joined(separator: "\n") + "\n"
            )
        }
        let unapplied = "SELECT payment_id, unapplied_amount FROM payment_receipts ORDER BY 1"
        let stored = "SELECT payment_id, invoice_id, amount FROM payment_applications ORDER BY 1, 2"
        try drop.batch(customers, invoices(i1, i2), receipts, lines("P1,I1,40", "P1,I2,60", "P2,I1,5"))
        #expect(try drop.query(unapplied) == ["P1|0.00", "P2|5.00"])
        try drop.batch(lines("P1,I2,60"))
        #expect(try drop.query(stored) == ["P1|I2|60.00", "P2|I1|5.00"])
        #expect(try drop.query(unapplied) == ["P1|40.00", "P2|5.00"])
        let over = try drop.batch(lines("P1,I1,60", "P1,I2,60"))
        #expect(over["payment_applications.csv"]?.counts.rejected == 2)
        #expect(try drop.issues() == ["2 error over_applied amount", "3 error over_applied amount"])
        #expect(try drop.query(stored) == ["P1|I2|60.00", "P2|I1|5.00"])
        try drop.batch(lines("P2,UNKNOWN,7"))
        #expect(try drop.issues() == ["2 warning invoice_unresolved invoice_id"])
        #expect(try drop.query(unapplied) == ["P1|40.00", "P2|3.00"])
        try drop.batch(lines("P2,,0"))
        #expect(try drop.query(unapplied) == ["P1|40.00", "P2|10.00"])
    }

    @Test func `a subsidiary before its parent in one file is linked`() throws {
        let drop = try LoadingDrop()
        let outcome = try drop.batch(
            LoadingDrop.File(
                "subsidiaries",
                "subsidiary_id,name,parent_id\nS2,Two,S1\nS1,One,\nS3,Three,S2\n"
            )
        )
        #expect(outcome["subsidiaries.csv"]?.counts.inserted == 3)
        try drop.batch(
            LoadingDrop.File("subsidiaries", "subsidiary_id,name,parent_id\nS1,One,S3\nS4,Four,S9\n")
        )
        #expect(
            try drop.issues() == ["2 error parent_cycle parent_id", "3 error parent_not_found parent_id"]
        )
        #expect(
            try drop.query("SELECT subsidiary_id, parent_id FROM subsidiaries ORDER BY 1") == [
                "S1|-", "S2|S1", "S3|S2",
            ]
        )
    }

    @Test func `customers are linked to parents when they appear, and loops are ignored`() throws {
        let drop = try LoadingDrop()
        func file(_ rows: String...) -> LoadingDrop.File {
            LoadingDrop.File(
                "customers_with_open_balances",
                (["customer_id,name,balance,currency,parent_id"] + rows).joined(separator: "\n") + "\n"
            )
        }
        let parents = "SELECT customer_id, parent_id FROM customers_with_open_balances ORDER BY 1"
        try drop.batch(file("C1,A,1,USD,C2", "C3,C,1,USD,C1"))
        #expect(try drop.issues() == ["2 warning parent_missing_linked_later parent_id"])
        #expect(try drop.query(parents) == ["C1|-", "C3|C1"])
        try drop.batch(file("C1,A,1,USD,C2", "C2,B,1,USD,", "C3,C,1,USD,C1"))
        #expect(try drop.query(parents) == ["C1|C2", "C2|-", "C3|C1"])
        let loop = try drop.batch(file("C1,A,1,USD,C2", "C2,B,1,USD,C3", "C3,C,1,USD,C1"))
        #expect(try drop.query(parents) == ["C1|-", "C2|-", "C3|-"])
        #expect(loop["customers_with_open_balances.csv"]?.counts.updated == 3)
        let again = try drop.batch(file("C1,A,1,USD,C2", "C2,B,1,USD,C3", "C3,C,1,USD,C1"))
        #expect(again["customers_with_open_balances.csv"]?.state == .duplicate)
    }

    @Test func `a snapshot cut short is held until a person decides`() throws {
        let drop = try LoadingDrop()
        let rows = (1...100).map { "I\($0),N\($0),C1,2025-01-01,2025-01-31,100.00,40.00,USD" }
        func snapshot(_ rows: some Sequence<String>) -> LoadingDrop.File {
            let header = "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency"
            return LoadingDrop.File("open_invoices", ([header] + rows).joined(separator: "\n") + "\n")
        }
        try drop.batch(customers, snapshot(rows))
        let cut = try drop.batch(snapshot(rows.prefix(30)))
        #expect(cut["open_invoices.csv"]?.state == .held)
        #expect(try drop.query("SELECT count(*) FROM open_invoices WHERE status = 'OPEN'") == ["100"])
        let newer = try drop.batch(snapshot(rows.prefix(90)))
        #expect(newer["open_invoices.csv"]?.state == .loaded)
        #expect(
            try drop.query("SELECT state FROM files ORDER BY file_id").suffix(2) == ["superseded", "loaded"]
        )
    }

    @Test func `the same file twice is a duplicate`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1))
        let again = try drop.batch(customers, invoices(i1))
        #expect(again.values.allSatisfy { $0.state == .duplicate })
        #expect(again["open_invoices.csv"]?.counts.unchanged == 1)
    }

    @Test func `decimals beyond the currency are refused`() throws {
        let drop = try LoadingDrop()
        try drop.batch(
            customers,
            invoices(
                "I1,N1,C1,2025-01-01,2025-01-31,10.5,10.5,JPY",
                "I2,N2,C1,2025-01-01,2025-01-31,1.234,1.234,KWD",
                "I3,N3,C1,2025-01-01,2025-01-31,10.00,10.00,JPY"
            )
        )
        #expect(
            try drop.issues() == ["2 error too_many_decimals amount", "2 error too_many_decimals balance"]
        )
        #expect(
            try drop.query("SELECT invoice_id, amount FROM open_invoices ORDER BY 1") == [
                "I2|1.234", "I3|10",
            ]
        )
    }

    @Test func `two halves of one snapshot clear nothing of each other`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1, i2))
        try drop.batch(invoices(i1, name: "a.csv"), invoices(i2, name: "b.csv"))
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|OPEN|50.00|-"])
        #expect(try drop.issues() == ["- warning several_files_of_type -"])
        try drop.batch(
            invoices(i1, name: "inv-2025-01-06.csv"),
            invoices(i2, name: "inv-2025-01-05.csv")
        )
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|CLEARED|0.00|2025-01-05"])
    }

    @Test func `differing rows with one key are all refused`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1, i2))
        try drop.batch(invoices(i1, i2, "I2,N2,C2,2025-01-01,2025-01-31,50,45,USD", i1))
        #expect(
            try drop.issues() == [
                "3 error duplicate_key invoice_id", "4 error duplicate_key invoice_id",
                "5 warning duplicate_identical invoice_id",
            ]
        )
        #expect(try drop.query(statuses) == ["I1|OPEN|40.00|-", "I2|OPEN|50.00|-"])
    }

    @Test func `a repaired error report upserts and clears nothing`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers, invoices(i1, i2))
        let outcome = try drop.batch(
            LoadingDrop.File(
                "open_invoices",
                "error_codes,error_messages,row_number,invoice_id,invoice_number,customer_id,invoice_date,due_date,"
                    + "amount,balance,currency\nbad_date,x,3,I3,N3,C1,2025-01-01,2025-01-31,5,5,USD\n"
            )
        )
        #expect(outcome["open_invoices.csv"]?.state == .loaded)
        #expect(try drop.query(statuses).count == 3)
        #expect(try drop.query("SELECT custom FROM open_invoices WHERE invoice_id = 'I3'") == ["{}"])
    }

    @Test func `a misspelt header is told, required or not`() throws {
        let drop = try LoadingDrop()
        try drop.batch(customers)
        let refused = try drop.batch(
            LoadingDrop.File(
                "open_invoices",
                "invoice_id,invoice_number,customer_id,invoice_date,due_dat,amount,balance,currency\n\(i1)\n"
            )
        )
        #expect(refused["open_invoices.csv"]?.state == .failed)
        #expect(
            try drop.query("SELECT message FROM row_issues WHERE code = 'missing_required_column'") == [
                "Missing required column(s): due_date. Did you mean \"due_dat\"?"
            ]
        )
        try drop.batch(
            LoadingDrop.File(
                "open_invoices",
                "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency,Po_Numbr\n\(i1),77\n"
            )
        )
        #expect(
            try drop.issues() == [
                "- warning near_miss_column Po_Numbr", "- warning unknown_column_custom Po_Numbr",
            ]
        )
        #expect(try drop.query("SELECT custom FROM open_invoices") == ["{\"Po_Numbr\":\"77\"}"])
    }

    @Test func `bytes are read as they are meant`() throws {
        let drop = try LoadingDrop()
        try drop.batch(
            LoadingDrop.File(
                "customers_with_open_balances",
                "\u{FEFF}customer_id,name,balance,currency\r\n00012,\"Two\nlines, \"\"quoted\"\"\",1,usd\r\n12,B,2,USD\r\n"
                    + "13,“Microsoft, Inc”,3,USD\r\n"
            )
        )
        #expect(
            try drop.query("SELECT customer_id, name, currency FROM customers_with_open_balances ORDER BY 1")
                == [
                    "00012|Two\nlines, \"quoted\"|USD", "12|B|USD",
                ]
        )
        #expect(
            try drop.query("SELECT record, line, code, message FROM row_issues") == [
                "4|5|wrong_field_count|Row 4 (line 5): 5 cells, header has 4. Typographic quotes do not enclose a cell;"
                    + " use straight quotes (\")."
            ]
        )
    }
}
