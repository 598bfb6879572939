import GRDB
import Receivables

/// Everything that a ledger can say about its own soundness, as of one moment.
///
/// Reads every page, and so takes time in step with the ledger; a daemon may work meanwhile.
package struct LedgerAudit: Sendable {
    /// One thing that was looked at.
    package struct Finding: Sendable, Equatable {
        package var check: String
        package var message: String
    }

    /// A copy that the spool must hold.
    package struct NeededCopy: Sendable, Equatable {
        package var file: Int64
        package var sha256: String
        package var size: Int64?
    }

    /// At most so many findings of one check are told one by one.
    package static let shown = 20

    /// The checks of what SQLite itself keeps.
    package static let pageChecks = ["integrity", "foreign_keys"]

    /// Whether its pages can be read and its references hold; if not, nothing else was looked at.
    package var isWhole: Bool { checks.count > Self.pageChecks.count }

    /// The names of the checks, in the order in which they were made.
    package private(set) var checks: [String] = []
    package private(set) var findings: [Finding] = []
    /// How many of what the ledger holds, by name, in the order of telling.
    package private(set) var counts: [(name: String, count: Int64)] = []
    package private(set) var neededCopies: [NeededCopy] = []
    /// The hashes of all files that were ever received.
    package private(set) var knownCopies: Set<String> = []
    package private(set) var lastEvent: Int64 = 0
    /// Runs that are yet to end.
    package private(set) var openRuns: [Int64] = []

    /// Looks at everything.
    ///
    /// `horizon`: copies of files that were settled before it may be gone. Throws `DatabaseError` for a ledger that is too
    /// damaged to be asked.
    package init(_ ledger: Ledger, copiesSettledSince horizon: Timestamp) throws {
        self = try ledger.pool.read { db in
            var audit = LedgerAudit()
            try audit.checkPages(db)
            // Queries over a broken tree tell nothing that is worth reading.
            guard audit.findings.isEmpty else { return audit }
            for invariant in Invariant.all {
                try audit.check(invariant, db)
                if audit.findings.last?.check == Invariant.eventsReadable.name { return audit }
            }
            try audit.count(db)
            try audit.gatherCopies(db, horizon: horizon)
            audit.lastEvent = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
            audit.openRuns = try Int64.fetchAll(
                db,
                sql: "SELECT run_id FROM run WHERE state IN ('running', 'interrupted') ORDER BY 1"
            )
            return audit
        }
    }

    private init() {}

    /// What breaks the invariants as of one moment; nothing else is looked at.
    package static func breaches(of ledger: Ledger) throws -> [Finding] {
        try ledger.pool.read { db in
            var audit = LedgerAudit()
            for invariant in Invariant.all { try audit.check(invariant, db) }
            return audit.findings
        }
    }

    /// Looks at the pages and references alone.
    static func pages(_ db: Database) throws -> [Finding] {
        var audit = LedgerAudit()
        try audit.checkPages(db)
        return audit.findings
    }

    private mutating func checkPages(_ db: Database) throws {
        checks += Self.pageChecks
        let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(Self.shown))")
        for line in lines where line != "ok" { findings.append(Finding(check: "integrity", message: line)) }
        let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(Self.shown)
        for row in orphans {
            let (table, id, parent): (String, Int64?, String) = (row[0], row[1], row[2])
            let message = "row \(id ?? 0) of \(table) names nothing in \(parent)"
            findings.append(Finding(check: "foreign_keys", message: message))
        }
    }

    private mutating func check(_ invariant: Invariant, _ db: Database) throws {
        checks.append(invariant.name)
        let found = try Row.fetchAll(db, sql: invariant.sql + " LIMIT \(Self.shown + 1)")
        guard !found.isEmpty else { return }
        let ids = found.prefix(Self.shown).map { "\($0[0] as DatabaseValue)" }.joined(separator: ", ")
        let more = found.count > Self.shown ? " and more" : ""
        findings.append(Finding(check: invariant.name, message: "\(invariant.violation): \(ids)\(more)"))
    }

    private mutating func count(_ db: Database) throws {
        let groups = [
            ("runs", "SELECT state, count(*) FROM run GROUP BY 1 ORDER BY 1"),
            ("files", "SELECT state, count(*) FROM file GROUP BY 1 ORDER BY 1"),
            ("mails", "SELECT state, count(*) FROM mail_recipient GROUP BY 1 ORDER BY 1"),
        ]
        for (name, sql) in groups {
            for row in try Row.fetchAll(db, sql: sql) {
                counts.append(("\(name)_\(row[0] as String)", row[1]))
            }
        }
        for type in Catalogue.types {
            let rows = try Int64.fetchOne(db, sql: "SELECT count(*) FROM \(type.table)") ?? 0
            counts.append(("rows_\(type.name)", rows))
        }
        let others = [
            ("parked_rows", "SELECT count(*) FROM parked_row"), ("events", "SELECT count(*) FROM event"),
            ("row_issues", "SELECT count(*) FROM row_issue"),
            (
                "disposals_pending",
                "SELECT count(*) FROM disposal WHERE done_at IS NULL AND action <> 'leave'"
            ),
        ]
        for (name, sql) in others { counts.append((name, try Int64.fetchOne(db, sql: sql) ?? 0)) }
    }

    private mutating func gatherCopies(_ db: Database, horizon: Timestamp) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT min(f.file_id) AS file_id, f.sha256, f.size FROM file f LEFT JOIN disposal d USING (file_id)
                 WHERE f.sha256 IS NOT NULL AND f.state NOT IN ('waiting', 'ignored')
                   AND (f.settled_at IS NULL OR f.settled_at >= :horizon
                        OR (d.file_id IS NOT NULL AND d.done_at IS NULL)
                        OR EXISTS (SELECT 1 FROM parked_row p WHERE p.file_id = f.file_id)
                        OR EXISTS (SELECT 1 FROM invoice_pdf p WHERE p.sha256 = f.sha256))
                 GROUP BY f.sha256
                """,
            arguments: ["horizon": horizon.text]
        )
        neededCopies = rows.map { NeededCopy(file: $0["file_id"], sha256: $0["sha256"], size: $0["size"]) }
        knownCopies = try String.fetchSet(db, sql: "SELECT sha256 FROM file WHERE sha256 IS NOT NULL")
    }
}
