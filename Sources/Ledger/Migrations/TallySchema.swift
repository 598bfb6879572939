extension Migrations {
    /// Sums over files, rows and mails that nobody has to read everything for.
    static let tallies = """
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
}
