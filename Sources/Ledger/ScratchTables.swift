import GRDB

/// The temporary tables of a load.
///
/// They lie on disk, so that memory does not grow with a file. They are made before the load's first savepoint and
/// emptied instead of dropped: SQLite refuses to drop a table while any statement is still being read.
enum ScratchTables {
    static func make(_ db: Database) throws {
        // The last of them: a load of many small files shall not ask for each of them every time.
        let areThere = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE name = 'parent_edge_ready')"
        )
        if try Bool.fetchOne(areThere) != true { try db.execute(sql: sql) }
    }

    private static let sql = """
        CREATE TEMP TABLE IF NOT EXISTS staged (
            owner BLOB NOT NULL, key BLOB NOT NULL, record INTEGER NOT NULL, line INTEGER NOT NULL,
            byte_offset INTEGER NOT NULL, bytes BLOB NOT NULL
        );
        CREATE INDEX IF NOT EXISTS temp.staged_by_owner ON staged (owner, record);
        CREATE INDEX IF NOT EXISTS temp.staged_by_key ON staged (owner, key, record);
        CREATE TEMP TABLE IF NOT EXISTS staged_key (
            owner BLOB NOT NULL, key BLOB NOT NULL, record INTEGER NOT NULL, bytes BLOB NOT NULL,
            last_record INTEGER NOT NULL, is_repeated INTEGER NOT NULL DEFAULT 0, is_differing INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (owner, key)
        ) WITHOUT ROWID;

        CREATE TEMP TABLE IF NOT EXISTS parted (
            part INTEGER NOT NULL, chunk INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (part, chunk)
        );

        CREATE TEMP TABLE IF NOT EXISTS repeated (key BLOB NOT NULL, record INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS temp.repeated_by_key ON repeated (key, record);

        CREATE TEMP TABLE IF NOT EXISTS parent_edge (
            child TEXT PRIMARY KEY, parent TEXT NOT NULL, mark INTEGER NOT NULL DEFAULT 0,
            ready INTEGER NOT NULL DEFAULT 0, in_cycle INTEGER NOT NULL DEFAULT 0, outcome INTEGER NOT NULL,
            record INTEGER NOT NULL, line INTEGER NOT NULL, byte_offset INTEGER NOT NULL, bytes BLOB
        );
        CREATE INDEX IF NOT EXISTS temp.parent_edge_by_parent ON parent_edge (parent);
        CREATE INDEX IF NOT EXISTS temp.parent_edge_by_record ON parent_edge (record);
        CREATE INDEX IF NOT EXISTS temp.parent_edge_ready ON parent_edge (record) WHERE ready = 1;
        """
}
