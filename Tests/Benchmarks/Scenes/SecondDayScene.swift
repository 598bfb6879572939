import TestSupport

/// What a customer with many customers of its own sends on its second day, over a long line: the whole of a run.
struct SecondDayScene {
    let place: Place
    let wire: Wire
    let book: Book
    private let drop: Drop
    private static let tables: [DataFile.Table] = [.customers, .invoices, .contacts]
    private static let pdfs = 20

    init(_ place: Place, _ wire: Wire, _ book: Book) throws {
        self.place = place
        self.wire = wire
        self.book = book
        drop = Drop(place, on: wire.server, port: wire.port)
        try serve(.first, with: [.subsidiaries] + Self.tables)
        try drop.layOut()
        try drop.poll.run()
        try drop.keep(as: "first-day")
        try serve(.next, with: Self.tables)
        try Files.makeFolder("\(wire.pool)/invoice_pdfs")
        for number in 0..<Self.pdfs {
            try Noise.write(
                100_000,
                to: "\(wire.pool)/invoice_pdfs/R-2026-\(String(10_000_000 + number).dropFirst()).pdf",
                seed: UInt64(number),
                first: "%PDF-1.4\n",
                last: "\n%%EOF\n"
            )
        }
    }

    private func type(_ table: DataFile.Table) -> String {
        switch table {
        case .subsidiaries: SubsidiaryRows.type
        case .customers: CustomerRows.type
        case .contacts: ContactRows.type
        default: InvoiceRows.type
        }
    }

    /// Fills the pool with the files of a day, and serves it.
    private func serve(_ edition: DataFile.Edition, with tables: [DataFile.Table]) throws {
        try Command("/bin/rm", "-rf", wire.pool).run()
        let day = edition == .first ? "2026-11-20" : "2026-11-21"
        for table in tables {
            let type = type(table)
            try Files.makeFolder("\(wire.pool)/\(type)/pending")
            let file = try book.path(DataFile(table, edition))
            try place.copy(file, to: "\(wire.pool)/\(type)/pending/\(type)-\(day).csv")
        }
        try wire.restore()
    }

    func scene(rounds: Int) throws -> Scene {
        func pair(_ suffix: String, _ quantity: Quantity) -> Comparison {
            Comparison(
                id: "second-day" + suffix,
                title: "a whole second-day run, \(wire.title)",
                ours: "ledgerdrop",
                theirs: "sftp and .import",
                quantity: quantity
            )
        }
        return Scene(
            id: "second-day",
            title: """
                A whole second-day run, \(wire.title): \(Table.count(book.customers)) customers, \
                \(Table.count(book.invoices)) invoices, \(Table.count(book.customers * 2)) contacts, \(Self.pdfs) PDFs
                """,
            rounds: rounds,
            contenders: [try ledgerdrop(), try sftpAndImport()],
            comparisons: [pair("", .mark("last load")), pair("-poll", .wall), pair("-cpu", .cpu)]
        )
    }

    private func ledgerdrop() throws -> Contender {
        let customers = try book.contents(DataFile(.customers, .next))
        let invoices = try book.contents(DataFile(.invoices, .next))
        let contacts = try book.contents(DataFile(.contacts, .next))
        func counts(_ contents: Contents) -> String {
            let unchanged = contents.rows - contents.added - contents.changed
            return "loaded|\(contents.rows)|\(contents.added)|\(contents.changed)|\(unchanged)"
        }
        return Contender(
            name: "ledgerdrop",
            does: """
                `ledgerdrop poll` on the ledger of the first day, quiet period 0 s: two listings, fetch, SHA-256, fsync, every \
                check, upserts and absences, PDFs linked; "last load" is when the last file, a PDF of one row, \
                is settled; the rest of the wall time is moving on the server and telling
                """,
            prepare: {
                try wire.restore()
                try drop.layOut(from: "first-day")
                return drop.poll
            },
            judge: { performance in
                try place.expect(
                    drop.ledger,
                    """
                    SELECT type, state, rows_total, rows_inserted, rows_updated, rows_unchanged FROM files
                     WHERE run_id = (SELECT max(run_id) FROM runs) AND type <> 'invoice_pdfs' ORDER BY type;
                    SELECT count(*) FROM invoice_pdfs WHERE status = 'LINKED'
                    """,
                    gives: [
                        "contacts|\(counts(contacts))", "customers_with_open_balances|\(counts(customers))",
                        "open_invoices|\(counts(invoices))", "\(Self.pdfs)",
                    ]
                )
                try drop.expectOpenInvoices(invoices.rows, invoices.sums)
                return ["last load": try drop.seconds(from: performance.began, to: ["file.loaded"])]
            }
        )
    }

    private func sftpAndImport() throws -> Contender {
        let target = "\(place.work)/peer"
        let database = "\(target)/peer.db"
        let rows = try Self.tables.map { try book.contents(DataFile($0, .next)).rows }
        return Contender(
            name: "sftp and .import",
            does: """
                OpenSSH's client gets the 23 files, then `sqlite3 .import` of the three CSV files, one after the other, into a new \
                database, journal and sync off: text, no key, no check, nothing durable
                """,
            prepare: {
                try wire.restore()
                _ = try place.fresh("peer")
                let files = Self.tables.map { "\(type($0))-2026-11-21.csv" }
                let root = wire.server.root
                let sftp = try wire.sftp(
                    zip(Self.tables, files).map { "get \(root)/\(type($0))/pending/\($1) \(target)/" }
                        + ["get \(root)/invoice_pdfs/* \(target)/"]
                )
                let imports = zip(Self.tables, files).map { "'.import \(target)/\($1) \($0.rawValue)'" }
                let script = """
                    \(sftp.words.joined(separator: " ")) && /usr/bin/sqlite3 \(database) 'PRAGMA journal_mode=OFF' \
                    'PRAGMA synchronous=OFF' '.mode csv' \(imports.joined(separator: " "))
                    """
                return Command("/bin/sh", "-c", script)
            },
            judge: { _ in
                try place.expect(
                    database,
                    "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM invoices), (SELECT count(*) FROM contacts)",
                    gives: ["\(rows[0])|\(rows[1])|\(rows[2])"]
                )
                let pdfs = try Command("/usr/bin/find", target, "-name", "*.pdf", "-size", "100000c").run()
                guard pdfs.split(separator: "\n").count == Self.pdfs else {
                    throw SystemError(message: "PDFs: \(pdfs)")
                }
                return [:]
            }
        )
    }
}
