extension Migrations {
    /// The tables that the ledger began with.
    static let first = """
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
}
