import Foundation
import TestSupport

/// One size of open invoices, loaded in every way by everybody.
struct LoadScene {
    let place: Place
    let book: Book
    let peers: LoadPeers
    let drop: Drop

    init(_ place: Place, invoices: Int) throws {
        self.place = place
        book = try Book(invoices: invoices, in: place.data)
        peers = LoadPeers(place: place, book: book)
        drop = Drop(place)
    }

    private var size: String { Table.count(book.invoices) }

    /// The names of the ledgers from which runs begin.
    private var withCustomers: String { "customers-\(book.invoices)" }
    private var withDay: String { "day-\(book.invoices)" }

    /// Makes the ledger that knows the customers.
    func prepareCustomers() throws {
        try drop.layOut()
        try drop.put(try book.path(DataFile(.subsidiaries)), SubsidiaryRows.type, day: "2026-11-19")
        try drop.put(try book.path(DataFile(.customers)), CustomerRows.type, day: "2026-11-19")
        try drop.poll.run()
        try drop.keep(as: withCustomers)
    }

    /// Makes the ledger that has the first day in it too, out of the other.
    func prepareDay() throws {
        try drop.layOut(from: withCustomers)
        try drop.put(try book.path(DataFile(.invoices)), InvoiceRows.type, day: "2026-11-20")
        try drop.poll.run()
        try drop.keep(as: withDay)
    }

    func scene(rounds: Int) throws -> Scene {
        // Those that are compared stand next to each other: the speed of a machine changes within minutes.
        var contenders = [try peers.sqliteImport(.first), try firstLoad(named: "first load")]
        if place.duckDBPython != nil { contenders += [try peers.duckDB(.first), peers.pythonStart()] }
        contenders += [
            try ours("shuffled", .shuffled, from: withDay, expecting: Self.nextDay),
            try ours("next day", .next, from: withDay, expecting: Self.nextDay),
            try peers.sqliteImport(.next),
            try ours("identical", .first, from: withDay) { contents in
                "duplicate|\(contents.rows)|0|0|\(contents.rows)|0|0|0"
            },
            try dirty(),
            nothing,
        ]
        contenders += try peers.csvModule()
        return Scene(
            id: "load-\(book.invoices)",
            title: "Open invoices, \(size) rows x 26 columns, on a live ledger",
            rounds: rounds,
            contenders: contenders,
            comparisons: comparisons
        )
    }

    /// The load of the first day into the ledger that knows the customers.
    func firstLoad(named name: String) throws -> Contender {
        try ours(name, .first, from: withCustomers) { contents in
            "loaded|\(contents.rows)|\(contents.rows)|0|0|0|0|0"
        }
    }

    private static func nextDay(_ contents: Contents) -> String {
        let unchanged = contents.rows - contents.added - contents.changed
        return
            "loaded|\(contents.rows)|\(contents.added)|\(contents.changed)|\(unchanged)|0|0|\(contents.absent)"
    }

    private var comparisons: [Comparison] {
        let suffix = "-\(book.invoices)"
        let first = "ledgerdrop, first load"
        let imported = "sqlite3 .import, first"
        func pair(_ id: String, _ title: String, _ ours: String, _ theirs: String, _ quantity: Quantity)
            -> Comparison
        {
            Comparison(
                id: id + suffix,
                title: "\(title), \(size)",
                ours: ours,
                theirs: theirs,
                quantity: quantity
            )
        }
        return [
            pair("first-import", "first load", first, imported, .cpu),
            pair("first-import-wall", "first load", first, imported, .wall),
            pair("first-duckdb", "first load", first, "DuckDB to SQLite", .wall),
            pair("first-duckdb-cpu", "first load", first, "DuckDB to SQLite", .cpu),
            pair("first-python", "first load", first, "Python upsert, first", .cpu),
            pair("next-import", "next day", "ledgerdrop, next day", "sqlite3 .import, next", .cpu),
            pair("next-import-wall", "next day", "ledgerdrop, next day", "sqlite3 .import, next", .wall),
            pair("next-python", "next day", "ledgerdrop, next day", "Python upsert, next", .cpu),
            pair("identical-import", "identical file", "ledgerdrop, identical", imported, .cpu),
            pair("shuffled-first", "shuffled next day", "ledgerdrop, shuffled", first, .cpu),
            pair("dirty-first", "dirty first load", "ledgerdrop, dirty", first, .cpu),
        ]
    }

    private func ours(
        _ name: String,
        _ edition: DataFile.Edition,
        from kept: String,
        expecting counts: @escaping (Contents) -> String
    ) throws -> Contender {
        let file = DataFile(.invoices, edition)
        let contents = try book.contents(file)
        return Contender(
            name: "ledgerdrop, \(name)",
            does: """
                `ledgerdrop poll` on a live ledger that knows the customers: lists, copies into the spool with SHA-256 and \
                fsync, validates every cell, typed upsert under unique and foreign keys, absences, events, move to processed
                """,
            fileBytes: contents.bytes,
            prepare: {
                try drop.layOut(from: kept)
                let day = edition == .first && kept == withCustomers ? "2026-11-20" : "2026-11-21"
                try drop.put(try book.path(file), InvoiceRows.type, day: day)
                return drop.poll
            },
            judge: { performance in
                try drop.expect(newest: counts(contents), slowly: performance.isFirst)
                try drop.expectOpenInvoices(contents.rows, contents.sums)
                return [:]
            }
        )
    }

    /// The start of our program and a run in which there is nothing to do, which stands in each of its figures.
    var nothing: Contender {
        Contender(
            name: "ledgerdrop, nothing to do",
            does: "`ledgerdrop poll` of an empty inbox on a live ledger",
            prepare: {
                try drop.layOut(from: withCustomers)
                return drop.poll
            },
            judge: { _ in [:] }
        )
    }

    private func dirty() throws -> Contender {
        let file = DataFile(.invoices, .dirty)
        let contents = try book.contents(file)
        let issues = try String(contentsOfFile: book.issuesPath, encoding: .utf8).split(separator: "\n").map(
            String.init
        )
        let good = contents.rows - contents.rejected - contents.parked
        return Contender(
            name: "ledgerdrop, dirty",
            does: "the same with 0.2 % wrong rows of ten kinds; every issue must be told, and nothing else",
            statuses: [65],
            fileBytes: contents.bytes,
            prepare: {
                try drop.layOut(from: withCustomers)
                try drop.put(try book.path(file), InvoiceRows.type, day: "2026-11-20")
                return drop.poll
            },
            judge: { performance in
                let counts =
                    "loaded_with_errors|\(contents.rows)|\(good)|0|0|\(contents.rejected)|\(contents.parked)|0"
                try drop.expect(newest: counts, slowly: performance.isFirst)
                try drop.expectOpenInvoices(good, contents.sums)
                let told = try place.query(
                    drop.ledger,
                    """
                    SELECT record, line, code, column_name FROM row_issues
                     WHERE file_id = (SELECT max(file_id) FROM files) AND severity = 'error' ORDER BY record
                    """
                )
                guard told == issues else {
                    let odd = zip(told, issues).first { $0 != $1 }
                    throw SystemError(
                        message:
                            "told \(told.count) issues instead of \(issues.count); \(odd.map { "\($0)" } ?? "")"
                    )
                }
                return [:]
            }
        )
    }
}
