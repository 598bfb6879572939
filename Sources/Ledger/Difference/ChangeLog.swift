import GRDB
package import Receivables

/// Notes which rows of a type's table a load writes, and from which line of the file.
///
/// Temporary triggers note it, so whatever way a row takes it is seen, and what a load takes back is forgotten with it.
/// The notes lie in a temporary table: memory does not grow with the file.
package final class ChangeLog {
    let type: RecordType
    private let db: Database
    private let placing: RawStatement

    init(_ db: Database, _ type: RecordType) throws {
        self.db = db
        self.type = type
        try db.execute(sql: Self.tables)
        for (trigger, moment, row, change) in [
            ("change_inserted", "INSERT", "new", 0), ("change_updated", "UPDATE", "new", 1),
            ("change_deleted", "DELETE", "old", 2),
        ] {
            try db.execute(
                sql: """
                    DROP TRIGGER IF EXISTS temp.\(trigger);
                    CREATE TEMP TRIGGER \(trigger) AFTER \(moment) ON main.\(type.table) BEGIN
                        INSERT INTO change_note (change, id, line)
                        SELECT \(change), \(row).id, line FROM change_place WHERE true
                        ON CONFLICT (change, id) DO UPDATE SET line = coalesce(line, excluded.line);
                    END
                    """
            )
        }
        placing = try RawStatement(db, sql: "UPDATE temp.change_place SET line = ?")
    }

    private static let tables = """
        CREATE TEMP TABLE IF NOT EXISTS change_note (
            change INTEGER NOT NULL, id INTEGER NOT NULL, line INTEGER, PRIMARY KEY (change, id)
        ) WITHOUT ROWID;
        CREATE TEMP TABLE IF NOT EXISTS change_place (line INTEGER);
        DELETE FROM temp.change_note;
        DELETE FROM temp.change_place;
        INSERT INTO temp.change_place VALUES (NULL);
        """

    /// What is written from now on comes from this row of the file; from none with `nil`.
    package func stand(at place: RecordPlace?) throws {
        placing.bind(place?.line, at: 1)
        try placing.run()
    }

    /// Forgets the triggers, for a ledger in which the load is kept.
    func close() throws {
        for trigger in ["change_inserted", "change_updated", "change_deleted"] {
            try db.execute(sql: "DROP TRIGGER IF EXISTS temp.\(trigger)")
        }
    }
}

extension LoadTransaction {
    /// Begins to note what the load writes to the table of `type`.
    package func noteChanges(of type: RecordType) throws {
        changes = try ChangeLog(db, type)
    }
}
