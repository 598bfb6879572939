import GRDB

/// The stable views over the ledger's own tables (design 4.4).
enum StateViews {
    static func recreate(_ db: Database) throws {
        try db.execute(sql: sql)
    }

    private static let sql = """
        DROP VIEW IF EXISTS files;
        CREATE VIEW files AS
        SELECT file_id, run_id, type, name, path_text AS path, size, sha256, state, reason, received_at, settled_at,
               rows_total, rows_inserted, rows_updated, rows_unchanged, rows_rejected, rows_parked, rows_cleared,
               rows_deleted, warnings
          FROM file;

        DROP VIEW IF EXISTS row_issues;
        CREATE VIEW row_issues AS
        SELECT file_id, line, byte_offset, record, severity, code, column_name, message FROM row_issue;

        DROP VIEW IF EXISTS runs;
        CREATE VIEW runs AS
        SELECT run_id, slot, trigger, state, reason, started_at, finished_at, listed, batched, waiting, settled, ignored
          FROM run;

        DROP VIEW IF EXISTS events;
        CREATE VIEW events AS
        SELECT seq, at, event, run_id, file_id, detail FROM event;

        DROP VIEW IF EXISTS mail_queue;
        CREATE VIEW mail_queue AS
        SELECT m.mail_id, m.kind, m.subject,
               (SELECT group_concat(address, ', ') FROM mail_recipient r WHERE r.mail_id = m.mail_id) AS recipients,
               CASE WHEN EXISTS (SELECT 1 FROM mail_recipient r WHERE r.mail_id = m.mail_id AND r.state = 'queued')
                    THEN 'queued'
                    WHEN EXISTS (SELECT 1 FROM mail_recipient r WHERE r.mail_id = m.mail_id AND r.state = 'dead')
                    THEN 'dead'
                    WHEN EXISTS (SELECT 1 FROM mail_recipient r WHERE r.mail_id = m.mail_id)
                    THEN 'sent'
                    ELSE 'queued' END AS state,
               (SELECT max(attempts) FROM mail_recipient r WHERE r.mail_id = m.mail_id) AS attempts,
               (SELECT min(next_attempt_at) FROM mail_recipient r WHERE r.mail_id = m.mail_id AND r.state = 'queued')
                 AS next_attempt_at,
               (SELECT group_concat(address || ': ' || last_error, '; ') FROM mail_recipient r
                 WHERE r.mail_id = m.mail_id AND last_error IS NOT NULL AND state <> 'sent') AS last_error
          FROM mail m;

        DROP VIEW IF EXISTS reconciliation_variances;
        CREATE VIEW reconciliation_variances AS
        SELECT v.customer_id, v.currency, v.stated, v.computed, v.variance
          FROM reconciliation r JOIN variance v USING (number)
         WHERE v.is_shown = 1;
        """
}
