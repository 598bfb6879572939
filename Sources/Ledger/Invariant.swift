import Receivables

/// Something that holds in every ledger, whatever was killed when: a question that finds nothing.
///
/// Each query gives one column, the ids of what breaks it. They hold while a daemon works as well: each of its
/// transactions keeps all of them.
package struct Invariant: Sendable {
    /// A word for programs.
    package let name: String
    /// What it would mean if something were found.
    package let violation: String
    let sql: String

    /// In the order in which they are looked at: the others read the details of events.
    static let all = [eventsReadable] + runs + files + events + outboxes + [rowsOfLoadedFiles]

    static let eventsReadable = Invariant(
        name: "events_readable",
        violation: "an event says nothing that can be read",
        sql: "SELECT seq FROM event WHERE NOT json_valid(detail)"
    )

    private static let runs = [
        Invariant(
            name: "runs_balance",
            violation: "a finished run does not balance",
            sql: """
                SELECT run_id FROM run WHERE state = 'finished'
                   AND (listed <> batched + waiting + settled + ignored
                        OR batched <> ingested + duplicate + failed + deferred)
                """
        ),
        Invariant(
            name: "runs_told",
            violation: "a run does not begin and end with one event each",
            sql: """
                SELECT run_id FROM run r WHERE state <> 'skipped'
                   AND (1 <> (SELECT count(*) FROM event e WHERE e.run_id = r.run_id AND event = 'run.started')
                        OR (state IN ('finished', 'failed'))
                        <> (SELECT count(*) FROM event e WHERE e.run_id = r.run_id
                               AND event IN ('run.finished', 'run.failed')))
                """
        ),
        Invariant(
            name: "run_counts_told",
            violation: "the last event of a run counts other files than the run",
            sql: """
                SELECT run_id FROM run r JOIN event e USING (run_id)
                 WHERE e.event = 'run.finished' AND r.state = 'finished'
                   AND (e.detail ->> 'listed' <> listed OR e.detail ->> 'batched' <> batched
                        OR e.detail ->> 'ingested' <> ingested OR e.detail ->> 'failed' <> failed)
                """
        ),
    ]

    private static let files = [
        Invariant(
            name: "rows_add_up",
            violation: "the rows of a file do not add up",
            sql: """
                SELECT file_id FROM file WHERE state IN ('loaded', 'loaded_with_errors', 'duplicate')
                   AND rows_total IS NOT rows_inserted + rows_updated + rows_unchanged + rows_rejected + rows_parked
                """
        ),
        Invariant(
            name: "issues_fit_counts",
            violation: "the issues of a file do not fit its counts",
            sql: """
                SELECT file_id FROM file f WHERE state IN ('loaded', 'loaded_with_errors')
                   AND (SELECT count(DISTINCT record) FROM row_issue i
                         WHERE i.file_id = f.file_id AND severity = 'error')
                       NOT BETWEEN rows_rejected AND rows_rejected + rows_parked
                """
        ),
        Invariant(
            name: "parked_rows_counted",
            violation: "a file has other rows parked than it counts",
            sql: """
                SELECT file_id FROM file f WHERE state IN ('loaded', 'loaded_with_errors', 'duplicate')
                   AND rows_parked IS NOT (SELECT count(*) FROM parked_row p WHERE p.file_id = f.file_id)
                """
        ),
        Invariant(
            name: "settled_in_time",
            violation: "a file is settled without a time, or has one and is not settled",
            sql: """
                SELECT file_id FROM file
                 WHERE (settled_at IS NULL AND state IN ('loaded', 'loaded_with_errors', 'failed', 'duplicate',
                                                         'superseded', 'discarded'))
                    OR (settled_at IS NOT NULL AND state IN ('received', 'held'))
                """
        ),
        Invariant(
            name: "settled_once",
            violation: "an attempt to load a file is told as settled more than once",
            sql: """
                SELECT file_id FROM event
                 WHERE event IN ('file.loaded', 'file.loaded_with_errors', 'file.failed', 'file.duplicate')
                 GROUP BY file_id, detail ->> 'attempt' HAVING count(*) > 1
                """
        ),
        Invariant(
            name: "settling_told",
            violation: "a settled file has no event that says so",
            sql: """
                SELECT file_id FROM file f
                 WHERE state IN ('loaded', 'loaded_with_errors', 'failed', 'duplicate', 'held', 'superseded', 'discarded')
                   AND NOT EXISTS (SELECT 1 FROM event e
                                    WHERE e.file_id = f.file_id AND e.event = 'file.' || f.state)
                """
        ),
        Invariant(
            name: "counts_told",
            violation: "an event counts other rows than its file",
            sql: """
                SELECT file_id FROM event e JOIN file f USING (file_id)
                 WHERE event IN ('file.loaded', 'file.loaded_with_errors', 'file.duplicate')
                   AND e.detail ->> 'attempt' = f.attempt AND e.detail ->> 'rows_total' IS NOT f.rows_total
                """
        ),
    ]

    private static let events = [
        Invariant(
            name: "events_unbroken",
            violation: "the sequence of events has a gap",
            sql: """
                SELECT seq FROM event e WHERE seq > 1 AND NOT EXISTS (SELECT 1 FROM event p WHERE p.seq = e.seq - 1)
                   AND NOT (event = 'daemon.started' AND coalesce(detail ->> 'restored', 0))
                """
        ),
        Invariant(
            name: "cursors_behind_events",
            violation: "a projection is ahead of the events",
            sql: "SELECT name FROM cursor WHERE seq > (SELECT coalesce(max(seq), 0) FROM event)"
        ),
    ]

    private static let outboxes = [
        Invariant(
            name: "disposals_ordered",
            violation: "a settled file has no order for the server",
            sql: """
                SELECT file_id FROM file f WHERE state IN ('loaded', 'loaded_with_errors', 'failed', 'duplicate', 'discarded')
                   AND NOT EXISTS (SELECT 1 FROM disposal d WHERE d.file_id = f.file_id)
                """
        ),
        Invariant(
            name: "disposals_deserved",
            violation: "a file is moved on the server before it is settled",
            sql: """
                SELECT file_id FROM disposal JOIN file f USING (file_id)
                 WHERE settled_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM event e WHERE e.file_id = f.file_id AND e.event = 'file.replayed')
                """
        ),
        Invariant(
            name: "disposals_told",
            violation: "a disposal is through and not told once, or told and not through",
            sql: """
                SELECT file_id FROM disposal d WHERE action <> 'leave'
                   AND (done_at IS NOT NULL)
                       <> (SELECT count(*) FROM event e WHERE e.file_id = d.file_id AND e.event = 'file.disposed')
                """
        ),
        Invariant(
            name: "mails_told",
            violation: "a mail was queued or sent and not told once",
            sql: """
                SELECT m.mail_id FROM mail m
                  LEFT JOIN (SELECT detail ->> 'mail' AS mail_id, count(*) AS told FROM event
                              WHERE event = 'mail.queued' GROUP BY 1) q ON q.mail_id = m.mail_id
                 WHERE q.told IS NOT 1
                UNION ALL
                SELECT r.mail_id FROM mail_recipient r
                  LEFT JOIN (SELECT detail ->> 'mail' AS mail_id, detail ->> 'recipient' AS address, count(*) AS told
                               FROM event WHERE event = 'mail.sent' GROUP BY 1, 2) s
                       ON s.mail_id = r.mail_id AND s.address = r.address
                 WHERE (r.state = 'sent') <> coalesce(s.told, 0)
                """
        ),
        Invariant(
            name: "digests_single",
            violation: "a run was told in two digests",
            sql: """
                SELECT run_id FROM mail WHERE kind = 'digest' AND run_id IS NOT NULL
                 GROUP BY run_id HAVING count(*) > 1
                """
        ),
        Invariant(
            name: "failures_mailed",
            violation: "a file that failed, is held or has bad rows stands in no digest of its run",
            // A long digest shows its first files and counts the others.
            sql: """
                SELECT e.file_id FROM event e JOIN run r ON r.run_id = e.run_id AND r.state IN ('finished', 'failed')
                  LEFT JOIN mail m ON m.run_id = e.run_id AND m.kind = 'digest'
                 WHERE e.event IN ('file.failed', 'file.held', 'file.loaded_with_errors')
                   AND e.seq <= (SELECT seq FROM cursor WHERE name = 'digest')
                 GROUP BY e.seq, e.file_id
                HAVING NOT max(coalesce(instr(m.body, ', file ' || e.file_id || char(10)) > 0
                                        OR instr(m.body, ' more files. All of them: ') > 0, 0))
                """
        ),
    ]

    /// Which rows a file left behind that was never loaded; one whose replay went otherwise keeps those of before.
    private static var rowsOfLoadedFiles: Invariant {
        let tables = Catalogue.types.map { type in
            """
            SELECT r.file_id FROM \(type.table) r LEFT JOIN file f USING (file_id)
             WHERE r.file_id <> 0 AND coalesce(f.state, '') NOT IN ('loaded', 'loaded_with_errors', 'duplicate')
               AND NOT EXISTS (SELECT 1 FROM event e WHERE e.file_id = r.file_id AND e.event = 'file.replayed')
            """
        }
        return Invariant(
            name: "rows_of_loaded_files",
            violation: "a row stems from a file that was not loaded",
            sql: tables.joined(separator: "\nUNION\n")
        )
    }
}
