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
        return migrator
    }

    private static let tallies = """
        -- Sums over all files of a state, kept by triggers, so that nobody has to read all files for them.
        CREATE TABLE file_tally (
            state     TEXT PRIMARY KEY,
            files     INTEGER NOT NULL DEFAULT 0,
            inserted  INTEGER NOT NULL DEFAULT 0,
            updated   INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL DEFAULT 0,
            rejected  INTEGER NOT NULL DEFAULT 0,
            cleared   INTEGER NOT NULL DEFAULT 0,
            deleted   INTEGER NOT NULL DEFAULT 0,
            -- Bytes received.
            bytes     INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        INSERT INTO file_tally (state) VALUES ('waiting'), ('received'), ('loaded'), ('loaded_with_errors'), ('failed'),
            ('held'), ('superseded'), ('duplicate'), ('ignored'), ('discarded');
        UPDATE file_tally SET (files, inserted, updated, unchanged, rejected, cleared, deleted, bytes) = (
            SELECT count(*), coalesce(sum(rows_inserted), 0), coalesce(sum(rows_updated), 0),
                   coalesce(sum(rows_unchanged), 0), coalesce(sum(rows_rejected), 0), coalesce(sum(rows_cleared), 0),
                   coalesce(sum(rows_deleted), 0), coalesce(sum(CASE WHEN received_at IS NOT NULL THEN size END), 0)
              FROM file WHERE file.state = file_tally.state);
        CREATE TRIGGER file_tally_insert AFTER INSERT ON file BEGIN
            UPDATE file_tally SET
                files = files + 1, inserted = inserted + coalesce(new.rows_inserted, 0),
                updated = updated + coalesce(new.rows_updated, 0),
                unchanged = unchanged + coalesce(new.rows_unchanged, 0),
                rejected = rejected + coalesce(new.rows_rejected, 0),
                cleared = cleared + coalesce(new.rows_cleared, 0), deleted = deleted + coalesce(new.rows_deleted, 0),
                bytes = bytes + CASE WHEN new.received_at IS NULL THEN 0 ELSE coalesce(new.size, 0) END
             WHERE state = new.state;
        END;
        CREATE TRIGGER file_tally_delete AFTER DELETE ON file BEGIN
            UPDATE file_tally SET
                files = files - 1, inserted = inserted - coalesce(old.rows_inserted, 0),
                updated = updated - coalesce(old.rows_updated, 0),
                unchanged = unchanged - coalesce(old.rows_unchanged, 0),
                rejected = rejected - coalesce(old.rows_rejected, 0),
                cleared = cleared - coalesce(old.rows_cleared, 0), deleted = deleted - coalesce(old.rows_deleted, 0),
                bytes = bytes - CASE WHEN old.received_at IS NULL THEN 0 ELSE coalesce(old.size, 0) END
             WHERE state = old.state;
        END;
        CREATE TRIGGER file_tally_update
        AFTER UPDATE OF state, size, received_at, rows_inserted, rows_updated, rows_unchanged, rows_rejected,
                        rows_cleared, rows_deleted ON file BEGIN
            UPDATE file_tally SET
                files = files - 1, inserted = inserted - coalesce(old.rows_inserted, 0),
                updated = updated - coalesce(old.rows_updated, 0),
                unchanged = unchanged - coalesce(old.rows_unchanged, 0),
                rejected = rejected - coalesce(old.rows_rejected, 0),
                cleared = cleared - coalesce(old.rows_cleared, 0), deleted = deleted - coalesce(old.rows_deleted, 0),
                bytes = bytes - CASE WHEN old.received_at IS NULL THEN 0 ELSE coalesce(old.size, 0) END
             WHERE state = old.state;
            UPDATE file_tally SET
                files = files + 1, inserted = inserted + coalesce(new.rows_inserted, 0),
                updated = updated + coalesce(new.rows_updated, 0),
                unchanged = unchanged + coalesce(new.rows_unchanged, 0),
                rejected = rejected + coalesce(new.rows_rejected, 0),
                cleared = cleared + coalesce(new.rows_cleared, 0), deleted = deleted + coalesce(new.rows_deleted, 0),
                bytes = bytes + CASE WHEN new.received_at IS NULL THEN 0 ELSE coalesce(new.size, 0) END
             WHERE state = new.state;
        END;
        CREATE INDEX file_waiting ON file (first_seen_at) WHERE state = 'waiting' AND gone = 0;
        CREATE INDEX file_newest_of_type ON file (type, file_id) WHERE state NOT IN ('ignored', 'waiting');

        -- The copies in the spool, and what they come to.
        CREATE TABLE spool_copy (
            sha256    TEXT PRIMARY KEY,
            bytes     INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE spool_tally (
            one       INTEGER PRIMARY KEY CHECK (one = 1),
            copies    INTEGER NOT NULL,
            bytes     INTEGER NOT NULL
        ) STRICT;
        INSERT INTO spool_tally VALUES (1, 0, 0);
        CREATE TRIGGER spool_copy_insert AFTER INSERT ON spool_copy BEGIN
            UPDATE spool_tally SET copies = copies + 1, bytes = bytes + new.bytes;
        END;
        CREATE TRIGGER spool_copy_delete AFTER DELETE ON spool_copy BEGIN
            UPDATE spool_tally SET copies = copies - 1, bytes = bytes - old.bytes;
        END;
        INSERT INTO spool_copy SELECT sha256, max(coalesce(size, 0)) FROM file WHERE sha256 IS NOT NULL GROUP BY sha256;
        """

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

    private static let first = """
        -- Whose ledger this is. One row.
        CREATE TABLE identity (
            one          INTEGER PRIMARY KEY CHECK (one = 1),
            uuid         TEXT NOT NULL,
            drop_name    TEXT NOT NULL,
            inbox_url    TEXT NOT NULL,
            created_at   TEXT NOT NULL,
            -- Keys the hashes of records.
            secret       BLOB NOT NULL DEFAULT (randomblob(32))
        ) STRICT;

        -- Who may write. The load transaction checks the fence; times are seconds of the epoch.
        CREATE TABLE lease (
            drop_name    TEXT PRIMARY KEY,
            owner        TEXT NOT NULL,
            host         TEXT NOT NULL,
            fence        INTEGER NOT NULL,
            expires_at   INTEGER NOT NULL
        ) STRICT;

        -- A run serves a slot or a request. Skipped slots are one row: from `slot` to `slot_to`, `slot_count` of them.
        CREATE TABLE run (
            run_id       INTEGER PRIMARY KEY AUTOINCREMENT,
            slot         TEXT NOT NULL,
            slot_to      TEXT,
            slot_count   INTEGER,
            trigger      TEXT NOT NULL CHECK (trigger IN ('slot', 'catch_up', 'request')),
            state        TEXT NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'interrupted', 'skipped')),
            stage        TEXT NOT NULL DEFAULT 'listing' CHECK (stage IN ('listing', 'fetching', 'loading', 'done')),
            reason       TEXT,
            started_at   TEXT NOT NULL,
            finished_at  TEXT,
            listed       INTEGER,
            batched      INTEGER,
            waiting      INTEGER,
            settled      INTEGER,
            ignored      INTEGER,
            ingested     INTEGER,
            duplicate    INTEGER,
            failed       INTEGER,
            deferred     INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX run_of_slot ON run (slot) WHERE trigger IN ('slot', 'catch_up') AND state <> 'skipped';

        -- What the cut-off listing of the run in hand showed, so that a restart within the quiet period does not forget it.
        CREATE TABLE sighting (
            run_id       INTEGER NOT NULL REFERENCES run (run_id),
            path         BLOB NOT NULL,
            size         INTEGER,
            mtime        INTEGER,
            PRIMARY KEY (run_id, path)
        ) STRICT, WITHOUT ROWID;

        -- One appearance of (path, size, mtime, sha256). Names are bytes; `name` and `path_text` show them escaped.
        CREATE TABLE file (
            file_id        INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id         INTEGER REFERENCES run (run_id),
            type           TEXT,
            directory      TEXT NOT NULL,
            path           BLOB NOT NULL,
            path_text      TEXT NOT NULL,
            name           TEXT NOT NULL,
            size           INTEGER,
            mtime          INTEGER,
            sha256         TEXT,
            state          TEXT NOT NULL CHECK (state IN ('waiting', 'received', 'loaded', 'loaded_with_errors', 'failed',
                                                         'held', 'superseded', 'duplicate', 'ignored', 'discarded')),
            reason         TEXT,
            first_seen_at  TEXT NOT NULL,
            received_at    TEXT,
            settled_at     TEXT,
            -- 1 once a complete listing no longer showed it, or we moved it: what lies there next is a new file.
            gone           INTEGER NOT NULL DEFAULT 0,
            refusals       INTEGER NOT NULL DEFAULT 0,
            attempt        INTEGER NOT NULL DEFAULT 0,
            -- What later files are measured against.
            correction     INTEGER NOT NULL DEFAULT 0,
            final_line_end INTEGER,
            name_date      TEXT,
            -- The rows that the guard measures later files against: of all parts where parts make one snapshot.
            snapshot_rows  INTEGER,
            -- How its records are read again: parked rows and the error report.
            header         BLOB,
            delimiter      TEXT,
            rows_total     INTEGER, rows_inserted INTEGER, rows_updated INTEGER, rows_unchanged INTEGER,
            rows_rejected  INTEGER, rows_parked   INTEGER, rows_cleared INTEGER, rows_deleted   INTEGER,
            rows_blank     INTEGER, rows_healed   INTEGER, warnings     INTEGER
        ) STRICT;
        CREATE INDEX file_by_path ON file (path, file_id);
        CREATE INDEX file_by_state ON file (state);
        CREATE INDEX file_by_type ON file (type, settled_at);
        CREATE INDEX file_by_content ON file (sha256);
        CREATE INDEX file_by_run ON file (run_id);

        CREATE TABLE row_issue (
            file_id      INTEGER NOT NULL REFERENCES file (file_id),
            record       INTEGER,
            line         INTEGER,
            byte_offset  INTEGER,
            severity     TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
            code         TEXT NOT NULL,
            column_name  TEXT,
            message      TEXT NOT NULL
        ) STRICT;
        CREATE INDEX row_issue_by_file ON row_issue (file_id, record);

        -- Rows whose parent is not known yet. `record_bytes` is the record as decoded, to be read under the file's header.
        CREATE TABLE parked_row (
            parked_id    INTEGER PRIMARY KEY,
            file_id      INTEGER NOT NULL REFERENCES file (file_id),
            type         TEXT NOT NULL,
            record       INTEGER NOT NULL,
            line         INTEGER NOT NULL,
            byte_offset  INTEGER NOT NULL,
            key          BLOB NOT NULL,
            owner        BLOB,
            record_bytes BLOB NOT NULL,
            expires_at   TEXT NOT NULL
        ) STRICT;
        CREATE INDEX parked_row_by_key ON parked_row (type, key);
        CREATE INDEX parked_row_by_owner ON parked_row (type, owner);
        CREATE INDEX parked_row_by_file ON parked_row (file_id);

        -- That the sets of rows are remembered which the owners of contacts and lines have; it may be emptied at any time.
        CREATE TABLE owner_manifest (
            type         TEXT PRIMARY KEY,
            fingerprint  BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Entries of 24 bytes, ordered: the hash of an owner and the hash of its set.
        CREATE TABLE owner_block (
            type         TEXT NOT NULL,
            number       INTEGER NOT NULL,
            entries      BLOB NOT NULL,
            PRIMARY KEY (type, number)
        ) STRICT;
        -- The owners whose entries are void.
        CREATE TABLE owner_touched (
            type         TEXT NOT NULL,
            owner        BLOB NOT NULL,
            PRIMARY KEY (type, owner)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE custom_column (
            type         TEXT NOT NULL,
            normalised   TEXT NOT NULL,
            name         TEXT NOT NULL,
            file_id      INTEGER NOT NULL,
            PRIMARY KEY (type, normalised)
        ) STRICT, WITHOUT ROWID;

        -- Which bytes stand for which row: by type the records of the last snapshot. It only ever permits to skip work, and
        -- may be emptied at any time.
        CREATE TABLE manifest (
            type            TEXT PRIMARY KEY,
            generation      INTEGER NOT NULL,
            -- All that the meaning of the bytes depends on; it keys the hashes.
            fingerprint     BLOB NOT NULL,
            entries         INTEGER NOT NULL,
            file_id         INTEGER NOT NULL,
            rows            INTEGER NOT NULL,
            last_row        INTEGER NOT NULL,
            did_clear       INTEGER NOT NULL,
            has_repetitions INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Entries of 16 bytes in the order of the file: 96 bits of a record's hash, and the id of its row.
        CREATE TABLE manifest_block (
            generation   INTEGER NOT NULL,
            number       INTEGER NOT NULL,
            entries      BLOB NOT NULL,
            PRIMARY KEY (generation, number)
        ) STRICT;
        -- Rows that somebody wrote since, so that their entries are void.
        CREATE TABLE manifest_touched (
            type         TEXT NOT NULL,
            id           INTEGER NOT NULL,
            PRIMARY KEY (type, id)
        ) STRICT, WITHOUT ROWID;

        -- What remains to be done on the server for a settled file. Written with the load, carried out afterwards.
        CREATE TABLE disposal (
            file_id         INTEGER PRIMARY KEY REFERENCES file (file_id),
            action          TEXT NOT NULL CHECK (action IN ('processed', 'failed', 'delete', 'leave')),
            report          INTEGER NOT NULL,
            target          BLOB,
            moved_at        TEXT,
            done_at         TEXT,
            attempts        INTEGER NOT NULL DEFAULT 0,
            next_attempt_at TEXT NOT NULL,
            last_error      TEXT
        ) STRICT;
        CREATE INDEX disposal_due ON disposal (next_attempt_at) WHERE done_at IS NULL;

        -- Everything that happens. `detail` is one JSON object: the keys of the status log's table plus what is special.
        CREATE TABLE event (
            seq          INTEGER PRIMARY KEY,
            at           TEXT NOT NULL,
            event        TEXT NOT NULL,
            run_id       INTEGER,
            file_id      INTEGER,
            detail       TEXT NOT NULL DEFAULT '{}'
        ) STRICT;
        CREATE INDEX event_by_file ON event (file_id) WHERE file_id IS NOT NULL;
        CREATE INDEX event_by_run ON event (run_id) WHERE run_id IS NOT NULL;
        CREATE INDEX event_of_disk ON event (event) WHERE event IN ('disk.low', 'disk.recovered');

        -- How far each projection of the events has come.
        CREATE TABLE cursor (
            name         TEXT PRIMARY KEY,
            seq          INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE recipient (
            address      TEXT PRIMARY KEY COLLATE NOCASE,
            added_at     TEXT NOT NULL,
            added_by     TEXT NOT NULL
        ) STRICT;

        CREATE TABLE incident (
            incident_id  INTEGER PRIMARY KEY,
            kind         TEXT NOT NULL,
            subject      TEXT NOT NULL,
            detail       TEXT NOT NULL DEFAULT '{}',
            opened_at    TEXT NOT NULL,
            told_at      TEXT NOT NULL,
            recovered_at TEXT,
            mail_id      INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX incident_open ON incident (kind, subject) WHERE recovered_at IS NULL;

        -- What is told once and never again: a near-miss header, the name of an ignored file, the first list of recipients.
        CREATE TABLE told (
            kind         TEXT NOT NULL,
            subject      TEXT NOT NULL,
            told_at      TEXT NOT NULL,
            PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE mail (
            mail_id      INTEGER PRIMARY KEY AUTOINCREMENT,
            kind         TEXT NOT NULL CHECK (kind IN ('digest', 'recovery', 'incident', 'reminder', 'test')),
            subject      TEXT NOT NULL,
            body         TEXT NOT NULL,
            reference    INTEGER,
            run_id       INTEGER,
            queued_at    TEXT NOT NULL
        ) STRICT;
        CREATE TABLE mail_recipient (
            mail_id         INTEGER NOT NULL REFERENCES mail (mail_id),
            address         TEXT NOT NULL,
            state           TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dead')),
            attempts        INTEGER NOT NULL DEFAULT 0,
            next_attempt_at TEXT NOT NULL,
            last_error      TEXT,
            settled_at      TEXT,
            PRIMARY KEY (mail_id, address)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mail_recipient_due ON mail_recipient (next_attempt_at) WHERE state = 'queued';

        CREATE TABLE host_key (
            pin          TEXT PRIMARY KEY,
            accepted_at  TEXT NOT NULL,
            accepted_by  TEXT NOT NULL,
            not_after    TEXT
        ) STRICT;

        -- People who sign in to the page; until there are any, nobody is an unknown collector.
        CREATE TABLE user (
            email        TEXT PRIMARY KEY COLLATE NOCASE,
            added_at     TEXT NOT NULL
        ) STRICT;
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

    private static let reconciliation = """
        -- The last comparison of stated balances with open items. One row; its variances are those of its number.
        CREATE TABLE reconciliation (
            one          INTEGER PRIMARY KEY CHECK (one = 1),
            number       INTEGER NOT NULL,
            at           TEXT NOT NULL,
            through_seq  INTEGER NOT NULL,
            settings     TEXT NOT NULL,
            customers    INTEGER NOT NULL,
            variances    INTEGER NOT NULL
        ) STRICT;
        -- Exact decimal text. Without a stated amount: items in another currency than the customer's own.
        CREATE TABLE variance (
            number       INTEGER NOT NULL,
            customer_id  TEXT NOT NULL,
            currency     TEXT NOT NULL,
            stated       TEXT,
            computed     TEXT NOT NULL,
            variance     TEXT,
            PRIMARY KEY (number, customer_id, currency)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE variance_total (
            currency     TEXT PRIMARY KEY,
            customers    INTEGER NOT NULL,
            net          TEXT NOT NULL,
            gross        TEXT NOT NULL
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

    private static let balancesByChange = """
        -- What was found before is found anew.
        DROP VIEW IF EXISTS reconciliation_variances;
        DROP TABLE variance;
        DELETE FROM variance_total;
        DELETE FROM reconciliation;
        -- Items less stated balance, where that is not 0: high billions and low of the smallest unit. Exact decimal text
        -- for people: without a stated amount, items in another currency than the customer's own. Not shown are those of
        -- customers who were made up for their items.
        CREATE TABLE variance (
            number       INTEGER NOT NULL,
            is_shown     INTEGER NOT NULL,
            customer_id  TEXT NOT NULL,
            currency     TEXT NOT NULL,
            scale        INTEGER NOT NULL,
            high         INTEGER NOT NULL,
            low          INTEGER NOT NULL,
            stated       TEXT,
            computed     TEXT NOT NULL,
            variance     TEXT,
            PRIMARY KEY (number, is_shown, customer_id, currency)
        ) STRICT, WITHOUT ROWID;
        -- From where on changes are kept: the highest id of each table when the comparison of this number began.
        CREATE TABLE reckoning (
            one          INTEGER PRIMARY KEY CHECK (one = 1),
            number       INTEGER NOT NULL,
            customer     INTEGER NOT NULL,
            invoice      INTEGER NOT NULL,
            payment      INTEGER NOT NULL,
            credit_memo  INTEGER NOT NULL
        ) STRICT;
        -- What rows counted for in it that have changed since; of a payment or credit memo by its lines and by its file.
        CREATE TABLE reckoned (
            kind         TEXT NOT NULL,
            id           INTEGER NOT NULL,
            customer_id  TEXT,
            currency     TEXT,
            scale        INTEGER NOT NULL,
            by_lines     INTEGER NOT NULL,
            by_file      INTEGER NOT NULL,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        """
}
