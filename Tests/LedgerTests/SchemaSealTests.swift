import GRDB
import Ledger
import TestSupport
import Testing

/// A ledger whose definitions are not what they were, although SQLite finds it whole.
struct SchemaSealTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("ledger.sqlite") }

    init() throws {
        folder = try TemporaryFolder("seal")
        try open()
    }

    private func open() throws {
        let time = Timestamp(milliseconds: 1_800_000_000_000)
        let drop = Drop(name: "acme", inboxURL: "file:///in")
        _ = try Ledger.open(path: path, drop: drop, owner: "test", time: time)
    }

    /// Does something to the ledger behind our back.
    private func meddle(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: sql)
            try db.checkpoint(.truncate)
        }
        try queue.close()
    }

    /// Changes a definition as a flipped byte does.
    private func flip(_ name: String, _ from: String, _ to: String) throws {
        try meddle(
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, '\(from)', '\(to)') WHERE name = '\(name)';
            PRAGMA writable_schema = OFF
            """
        )
    }

    @Test(arguments: [
        ("validation", "validation_id", "validatjon_id"),
        ("identity", "drop_name", "drop_nime"),
        ("sealed_schema", "sql ", "sqm "),
        ("grdb_migrations", "identifier", "idantifier"),
        ("invoice_gone", "DELETE ON", "INSERT ON"),
    ])
    func `a column or a trigger with another definition is damage, and the ledger is left alone`(
        name: String,
        from: String,
        to: String
    ) throws {
        try flip(name, from, to)
        let integrity = try DatabaseQueue(path: path).read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check")
        }
        #expect(integrity == ["ok"])
        let before = try folder.read("ledger.sqlite")
        #expect(throws: LedgerDamaged.self) { _ = try Ledger.openReadOnly(path: path) }
        let isLeftAlone = try folder.read("ledger.sqlite") == before
        #expect(isLeftAlone)
        #expect(throws: LedgerDamaged.self) { try open() }
    }

    @Test func `what others add may come, change and go`() throws {
        try meddle("CREATE TABLE theirs (x); CREATE VIEW shown AS SELECT 1 AS x")
        try open()
        try meddle("ALTER TABLE theirs ADD COLUMN y; DROP VIEW shown")
        try open()
        try meddle("DROP TABLE theirs")
        try open()
        _ = try Ledger.openReadOnly(path: path)
    }

    @Test func `an upgrade that was interrupted goes on, and what it made is sealed`() throws {
        // Some of its steps are done, and the version is still the old one.
        try meddle(
            "ALTER TABLE validation ADD COLUMN newer TEXT; PRAGMA user_version = \(Ledger.schemaVersion - 1)"
        )
        try open()
        try flip("validation", "newer", "never")
        #expect(throws: LedgerDamaged.self) { try open() }
    }
}
