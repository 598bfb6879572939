import GRDB

/// How our tables and triggers were defined when the ledger was opened for writing the last time.
///
/// A byte that flips in the name of a column leaves a database in which SQLite finds nothing wrong, until a statement of ours
/// fails in the middle of a run; in a trigger it would not even fail. Views are made anew at each opening, and an index that
/// does not fit its definition is found by SQLite. What others add to the ledger is never sealed.
enum SchemaSeal {
    /// The schema version from which on there is a seal.
    private static let since = 14
    private static let sealable = "type IN ('table', 'trigger') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"

    /// What stands in the ledger and was not made by us; asked before anything is made.
    static func foreignNames(_ db: Database) throws -> Set<String> {
        guard try version(db) >= since else { return [] }
        return try String.fetchSet(
            db,
            sql: "SELECT name FROM sqlite_schema WHERE \(sealable) EXCEPT SELECT name FROM sealed_schema"
        )
    }

    /// - Throws: ``LedgerDamaged`` when a definition is not what it was.
    static func check(_ db: Database) throws {
        do {
            guard try version(db) >= since, try !isBeingUpgraded(db) else { return }
            let broken = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sealed_schema s
                    WHERE sql IS NOT (SELECT sql FROM sqlite_schema m WHERE m.type = s.type AND m.name = s.name)
                    ORDER BY name LIMIT 5
                    """
            )
            guard broken.isEmpty else {
                throw LedgerDamaged(findings: broken.map { "\($0) is not defined as it was" })
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            throw LedgerDamaged(findings: [error.message ?? "its tables are not ours"])
        }
    }

    /// Takes over what was made or changed since, in the transaction that did it last.
    static func renew(_ db: Database, besides foreign: Set<String>) throws {
        try db.execute(
            sql: "DELETE FROM sealed_schema WHERE (type, name) NOT IN (SELECT type, name FROM sqlite_schema)"
        )
        let sealing = try db.makeStatement(
            sql: """
                INSERT INTO sealed_schema (type, name, sql) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET sql = excluded.sql WHERE sql <> excluded.sql
                """
        )
        let found = try Row.fetchAll(db, sql: "SELECT type, name, sql FROM sqlite_schema WHERE \(sealable)")
        for row in found where !foreign.contains(row["name"]) {
            try sealing.execute(arguments: StatementArguments(row.databaseValues))
        }
    }

    private static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    /// Whether an upgrade was interrupted: some of its steps are done, and the version is still the old one.
    private static func isBeingUpgraded(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM grdb_migrations") != version(db)
    }
}
