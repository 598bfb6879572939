import GRDB

/// The numbers that a monitoring system is shown, read from the ledger so that they survive restarts.
package struct MetricsQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// One look at everything.
    package struct Snapshot: Sendable {
        /// The start of the last run, the end of the last finished one, and how long that took, in milliseconds.
        package var lastRunStart: Timestamp?
        package var lastSuccess: Timestamp?
        package var lastDuration: Int64?
        /// Since when the oldest file waits, by our own sightings.
        package var oldestWaiting: Timestamp?
        package var heldFiles: Int64 = 0
        package var parkedRows: Int64 = 0
        package var disposalsPending: Int64 = 0
        /// Mails by the state of the view `mail_queue`, and since when the oldest is queued.
        package var mails: [String: Int64] = [:]
        package var oldestMail: Timestamp?
        package var openIncidents: [String: Int64] = [:]
        /// The types that are expected, and how they stand.
        package var arrivals: [String: ArrivalState] = [:]
        package var runs: [String: Int64] = [:]
        package var files: [String: Int64] = [:]
        package var rows: [String: Int64] = [:]
        package var bytesReceived: Int64 = 0
        package var hostKeyMismatches: Int64 = 0
        /// What the last comparison of balances found; `nil` before the first.
        package var reconciliation: ReconciliationQueries.Summary?

        package init() {}
    }

    package func snapshot() throws -> Snapshot {
        try ledger.pool.read { db in
            var snapshot = Snapshot()
            try readRuns(db, into: &snapshot)
            try readFiles(db, into: &snapshot)
            snapshot.mails = try counts(db, "SELECT state, count(*) FROM mail_queue GROUP BY state")
            snapshot.oldestMail = try time(
                db,
                """
                SELECT min(m.queued_at) FROM mail m JOIN mail_recipient r USING (mail_id) WHERE r.state = 'queued'
                """
            )
            snapshot.arrivals = try Dictionary(
                ArrivalLedger.remembered(db).map { ($0.type, $0.state) },
                uniquingKeysWith: { $1 }
            )
            snapshot.openIncidents = try counts(
                db,
                "SELECT kind, count(*) FROM incident WHERE recovered_at IS NULL GROUP BY kind"
            )
            snapshot.reconciliation = try ReconciliationQueries.summary(in: db)
            return snapshot
        }
    }

    private func readRuns(_ db: Database, into snapshot: inout Snapshot) throws {
        snapshot.lastRunStart = try time(db, "SELECT max(started_at) FROM run WHERE state <> 'skipped'")
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT started_at, finished_at FROM run WHERE state = 'finished' ORDER BY run_id DESC LIMIT 1
                """
        )
        if let last, let from = Timestamp(last["started_at"]),
            let to = (last["finished_at"] as String?).flatMap({ Timestamp($0) })
        {
            snapshot.lastSuccess = to
            snapshot.lastDuration = to.milliseconds - from.milliseconds
        }
        snapshot.runs = try counts(
            db,
            "SELECT state, sum(coalesce(slot_count, 1)) FROM run WHERE state <> 'running' GROUP BY state"
        )
        snapshot.hostKeyMismatches = try number(
            db,
            "SELECT count(*) FROM run WHERE reason = 'hostkey_mismatch'"
        )
    }

    private func readFiles(_ db: Database, into snapshot: inout Snapshot) throws {
        snapshot.oldestWaiting = try time(
            db,
            "SELECT min(first_seen_at) FROM file WHERE state = 'waiting' AND gone = 0"
        )
        snapshot.parkedRows = try number(db, "SELECT count(*) FROM parked_row")
        snapshot.disposalsPending = try number(db, "SELECT count(*) FROM disposal WHERE done_at IS NULL")
        snapshot.files = try counts(db, "SELECT state, files FROM file_tally WHERE files > 0")
        snapshot.heldFiles = snapshot.files["held"] ?? 0
        let rows = try Row.fetchOne(
            db,
            sql: """
                SELECT sum(inserted), sum(updated), sum(unchanged), sum(rejected), sum(cleared), sum(deleted), sum(bytes)
                FROM file_tally
                """
        )
        let results = ["inserted", "updated", "unchanged", "rejected", "cleared", "deleted"]
        for (index, result) in results.enumerated() { snapshot.rows[result] = rows?[index] ?? 0 }
        snapshot.bytesReceived = rows?[results.count] ?? 0
    }

    private func number(_ db: Database, _ sql: String) throws -> Int64 {
        try Int64.fetchOne(db, sql: sql) ?? 0
    }

    private func time(_ db: Database, _ sql: String) throws -> Timestamp? {
        try String.fetchOne(db, sql: sql).flatMap { Timestamp($0) }
    }

    private func counts(_ db: Database, _ sql: String) throws -> [String: Int64] {
        let rows = try Row.fetchAll(db, sql: sql).map { ($0[0] as String, $0[1] as Int64) }
        return Dictionary(rows) { first, _ in first }
    }
}
