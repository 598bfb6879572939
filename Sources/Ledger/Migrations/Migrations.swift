import GRDB

/// The tables of the ledger that are not made from the catalogue, as frozen steps.
///
/// A shipped step is never edited; what follows is a new one. Times are RFC 3339 text in UTC with milliseconds,
/// states and reasons the words of the design.
enum Migrations {
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 the ledger") { db in try db.execute(sql: first) }
        migrator.registerMigration("arrivals") { db in try db.execute(sql: arrivals) }
        migrator.registerMigration("the story of a file") { db in try db.execute(sql: story) }
        migrator.registerMigration("people on the page") { db in try db.execute(sql: people) }
        migrator.registerMigration("tallies") { db in try db.execute(sql: tallies) }
        migrator.registerMigration("reconciliation") { db in try db.execute(sql: reconciliation) }
        migrator.registerMigration("validation") { db in try db.execute(sql: validation) }
        migrator.registerMigration("mails by state") { db in
            try db.execute(
                sql:
                    "CREATE INDEX mail_recipient_open ON mail_recipient (state, mail_id) WHERE state <> 'sent'"
            )
        }
        migrator.registerMigration("what was applied last") { db in try db.execute(sql: lastApplied) }
        migrator.registerMigration("claims of others") { db in
            try db.execute(
                sql: """
                    -- Files that other daemons have taken from the drop, and since when we see them there.
                    CREATE TABLE foreign_claim (
                        path     BLOB PRIMARY KEY,
                        owner    TEXT NOT NULL,
                        seen_at  TEXT NOT NULL,
                        told_at  TEXT
                    ) STRICT, WITHOUT ROWID;
                    """
            )
        }
        migrator.registerMigration("balances by change") { db in try db.execute(sql: balancesByChange) }
        migrator.registerMigration("held files of a type") { db in
            // Few are held: each load asks for those of its type.
            try db.execute(sql: "CREATE INDEX file_held ON file (type) WHERE state = 'held'")
        }
        migrator.registerMigration("manifests as changes") { db in
            // The generation whose entries those of this one are changes of.
            try db.execute(sql: "ALTER TABLE manifest ADD COLUMN base INTEGER")
        }
        migrator.registerMigration("sealed schema") { db in
            // How our tables and triggers were defined when the ledger was opened the last time.
            try db.execute(
                sql: """
                    CREATE TABLE sealed_schema (
                        type TEXT NOT NULL,
                        name TEXT NOT NULL,
                        sql  TEXT NOT NULL,
                        PRIMARY KEY (type, name)
                    ) STRICT, WITHOUT ROWID
                    """
            )
        }
        return migrator
    }

    private static let arrivals = """
        -- How each record type that is expected stood at the last look.
        CREATE TABLE arrival (
            type           TEXT PRIMARY KEY,
            state          TEXT NOT NULL CHECK (state IN ('fresh', 'late', 'missing')),
            since          TEXT NOT NULL,
            -- The expectation in words; another one begins anew.
            expected       TEXT NOT NULL,
            -- What was loaded after this moment counts for the deadline that is open.
            counts_from    TEXT NOT NULL,
            due_at         TEXT,
            missing_at     TEXT,
            last_loaded_at TEXT,
            -- The newest file since then of which nothing was loaded: it failed or is held.
            stopped_file   INTEGER
        ) STRICT, WITHOUT ROWID;
        """

    /// A story is found through its file and its runs, however much else there is.
    private static let story = """
        CREATE INDEX mail_of_run ON mail (run_id) WHERE kind = 'digest';
        CREATE INDEX event_of_plan ON event (run_id) WHERE event = 'run.planned';
        DROP INDEX parked_row_by_file;
        CREATE INDEX parked_row_by_file ON parked_row (file_id, record);
        """

    private static let lastApplied = """
        -- The event that told that the file was applied, the last time: what was applied last is found at once.
        ALTER TABLE file ADD COLUMN applied_seq INTEGER;
        UPDATE file SET applied_seq = (SELECT max(seq) FROM event e WHERE e.file_id = file.file_id
                                         AND event IN ('file.loaded', 'file.loaded_with_errors', 'file.duplicate'));
        CREATE INDEX file_by_applied ON file (type, applied_seq) WHERE applied_seq IS NOT NULL;
        -- Many files may have the same bytes.
        DROP INDEX file_by_content;
        CREATE INDEX file_by_content ON file (sha256, type, settled_at);
        """

    private static let people = """
        ALTER TABLE user ADD COLUMN role TEXT NOT NULL DEFAULT 'viewer'
            CHECK (role IN ('viewer', 'operator', 'admin'));
        -- Empty: nobody can sign in with it.
        ALTER TABLE user ADD COLUMN password_hash TEXT NOT NULL DEFAULT '';
        -- Grows with each change, which ends the sessions that were opened before it.
        ALTER TABLE user ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;

        -- Who is signed in. What the browser holds is not here, only its SHA-256.
        CREATE TABLE page_session (
            id_hash      BLOB PRIMARY KEY,
            email        TEXT NOT NULL COLLATE NOCASE,
            generation   INTEGER NOT NULL,
            opened_at    TEXT NOT NULL,
            seen_at      TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The record types that a recipient wants digests about; none: about all.
        CREATE TABLE recipient_type (
            address      TEXT NOT NULL COLLATE NOCASE REFERENCES recipient (address) ON DELETE CASCADE,
            type         TEXT NOT NULL,
            PRIMARY KEY (address, type)
        ) STRICT, WITHOUT ROWID;
        """

    private static let validation = """
        -- Files that were only looked at. The report waits here until it is on the server.
        CREATE TABLE validation (
            validation_id   INTEGER PRIMARY KEY,
            path            BLOB NOT NULL,
            type            TEXT NOT NULL,
            size            INTEGER,
            mtime           INTEGER,
            checked_at      TEXT NOT NULL,
            report          BLOB,
            action          TEXT NOT NULL CHECK (action IN ('done', 'delete', 'leave')),
            done_at         TEXT,
            attempts        INTEGER NOT NULL DEFAULT 0,
            next_attempt_at TEXT NOT NULL,
            last_error      TEXT
        ) STRICT;
        CREATE INDEX validation_by_path ON validation (path);
        CREATE INDEX validation_due ON validation (next_attempt_at) WHERE done_at IS NULL;
        """
}
