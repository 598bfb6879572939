import TestSupport

/// What else puts a CSV file into SQLite.
struct LoadPeers {
    let place: Place
    let book: Book
    private var target: String { "\(place.work)/peer" }
    private var database: String { "\(target)/peer.db" }

    /// The shell's own import.
    func sqliteImport(_ edition: DataFile.Edition) throws -> Contender {
        try sqliteImport(DataFile(.invoices, edition))
    }

    /// The shell's own import of any file.
    func sqliteImport(_ file: DataFile) throws -> Contender {
        let contents = try book.contents(file)
        let what = file.table == .invoices ? "" : "\(file.table.rawValue) "
        return Contender(
            name: "sqlite3 .import, \(what)\(file.edition.rawValue)",
            does: """
                `sqlite3` shell, `.import` into a new database, journal and sync off: every cell as text, \
                no key, no check, no upsert, nothing durable
                """,
            fileBytes: contents.bytes,
            prepare: {
                _ = try place.fresh("peer")
                return Command(
                    "/usr/bin/sqlite3",
                    database,
                    "PRAGMA journal_mode=OFF",
                    "PRAGMA synchronous=OFF",
                    ".mode csv",
                    ".import \(try book.path(file)) invoice"
                )
            },
            judge: { _ in
                if file.table == .invoices {
                    try expectText(contents)
                } else {
                    try place.expect(database, "SELECT count(*) FROM invoice", gives: ["\(contents.rows)"])
                }
                return [:]
            }
        )
    }

    /// DuckDB reads the file typed and writes it to an attached SQLite database.
    func duckDB(_ edition: DataFile.Edition) throws -> Contender {
        let file = DataFile(.invoices, edition)
        let contents = try book.contents(file)
        return Contender(
            name: "DuckDB to SQLite",
            does: """
                DuckDB 1.4.4 in Python, `CREATE TABLE s.invoice AS SELECT * FROM read_csv(...)` with all types given: \
                dates and amounts land as TEXT; no key, no reference, no upsert, JPY gets decimals
                """,
            fileBytes: contents.bytes,
            prepare: {
                _ = try place.fresh("peer")
                return try duckDB("load", try book.path(file), database)
            },
            judge: { _ in
                // DECIMAL(18,2) gives the yen two decimals that it has not.
                try place.expect(
                    database,
                    """
                    SELECT count(*), sum(CAST(replace(amount, '.', '') AS INTEGER) / iif(currency = 'JPY', 100, 1))
                      FROM invoice
                    """,
                    gives: ["\(contents.rows)|\(contents.sums.amount)"]
                )
                return [:]
            }
        )
    }

    /// The start of Python and DuckDB, which is no part of their work.
    func pythonStart() -> Contender {
        Contender(
            name: "start of Python with DuckDB",
            does: "Python starts and imports duckdb, nothing else",
            prepare: { try duckDB("nothing") },
            judge: { _ in [:] }
        )
    }

    /// The script with DuckDB for one of its verbs.
    func duckDB(_ words: String...) throws -> Command {
        guard let python = place.duckDBPython else { throw SystemError(message: "there is no DuckDB") }
        return Command([python, "\(place.peers)/duckdb_peer.py"] + words)
    }

    /// The way most would write it: Python's csv module, checks, upserts.
    func csvModule() throws -> [Contender] {
        let keptDay = "\(place.work)/kept/python.db"
        return try [DataFile.Edition.first, .next].map { edition in
            let file = DataFile(.invoices, edition)
            let contents = try book.contents(file)
            return Contender(
                name: "Python upsert, \(edition.rawValue)",
                does: """
                    Python's csv and sqlite3 modules: the same checks of a cell, customers looked up, typed upsert by key in one \
                    WAL transaction, absent rows cleared; no copy kept, no events, no issue list
                    """,
                fileBytes: contents.bytes,
                prepare: {
                    _ = try place.fresh("peer")
                    if edition == .next { try place.copy(keptDay, to: database) }
                    return Command(
                        place.python,
                        "\(place.peers)/csv_peer.py",
                        database,
                        try book.path(DataFile(.customers)),
                        try book.path(file)
                    )
                },
                judge: { performance in
                    try place.expect(
                        database,
                        "SELECT count(*), sum(amount), sum(balance) FROM invoice WHERE status = 'OPEN'",
                        gives: ["\(contents.rows)|\(contents.sums.amount)|\(contents.sums.balance)"]
                    )
                    if edition == .first, performance.isFirst { try place.copy(database, to: keptDay) }
                    return [:]
                }
            )
        }
    }

    private func expectText(_ contents: Contents) throws {
        try place.expect(
            database,
            """
            SELECT count(*), sum(CAST(replace(amount, '.', '') AS INTEGER)),
                   sum(CAST(replace(balance, '.', '') AS INTEGER)) FROM invoice
            """,
            gives: ["\(contents.rows)|\(contents.sums.amount)|\(contents.sums.balance)"]
        )
    }
}
