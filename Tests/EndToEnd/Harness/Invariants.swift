import TestSupport
import Testing

/// What must hold after every run, however it went (the invariants I1 to I5 of the failure cases).
extension EndToEndDrop {
    /// Expects every invariant.
    func expectInvariants(sourceLocation: SourceLocation = #_sourceLocation) throws {
        for (meaning, sql) in Self.violations {
            let found = try query(sql)
            #expect(found.isEmpty, "\(meaning)", sourceLocation: sourceLocation)
        }
        #expect(try query("PRAGMA integrity_check") == ["ok"], sourceLocation: sourceLocation)
        #expect(try query("PRAGMA foreign_key_check") == [], sourceLocation: sourceLocation)
        try expectLogEqualsEvents(sourceLocation)
        try expectBytesKept(sourceLocation)
        try expectRowsCounted(sourceLocation)
        try expectFailuresToldOnce(sourceLocation)
    }

    /// Queries that must return no row, with what it would mean if they did.
    private static let violations = [
        (
            "a finished run does not balance",
            """
            SELECT run_id FROM runs WHERE state = 'finished' AND listed <> batched + waiting + settled + ignored
            """
        ),
        ("a run is still open", "SELECT run_id FROM runs WHERE state IN ('running', 'interrupted')"),
        (
            "the rows of a file do not add up",
            """
            SELECT file_id FROM files WHERE state IN ('loaded', 'loaded_with_errors', 'duplicate')
               AND rows_total <> rows_inserted + rows_updated + rows_unchanged + rows_rejected + rows_parked
            """
        ),
        (
            "the issues of a file do not fit its counts",
            """
            SELECT file_id FROM files f WHERE state LIKE 'loaded%'
               AND (SELECT count(DISTINCT record) FROM row_issues i
                     WHERE i.file_id = f.file_id AND severity = 'error')
                   NOT BETWEEN rows_rejected AND rows_rejected + rows_parked
            """
        ),
        (
            "the sequence of events has a gap",
            """
            SELECT seq FROM events e WHERE seq > 1 AND NOT EXISTS (SELECT 1 FROM events p WHERE p.seq = e.seq - 1)
               AND NOT (event = 'daemon.started' AND coalesce(detail ->> 'restored', 0))
            """
        ),
        (
            "a row stems from a file that was not loaded",
            [
                "subsidiaries", "customers_with_open_balances", "open_invoices", "contacts",
                "payment_receipts",
                "payment_applications", "credit_memo_receipts", "credit_memo_applications",
            ].map {
                """
                SELECT '\($0)' FROM \($0) r JOIN files f USING (file_id)
                 WHERE f.state NOT IN ('loaded', 'loaded_with_errors', 'duplicate')
                """
            }.joined(separator: " UNION ALL ")
        ),
        (
            "an event counts other rows than its file",
            """
            SELECT file_id FROM events e JOIN files f USING (file_id)
             WHERE event IN ('file.loaded', 'file.loaded_with_errors', 'file.duplicate')
               AND e.detail ->> 'rows_total' <> f.rows_total
            """
        ),
        (
            "a settled file has no settling event, or two for one attempt",
            """
            SELECT file_id FROM files f WHERE state IN ('loaded', 'loaded_with_errors', 'failed', 'duplicate')
               AND 1 <> (SELECT count(*) FROM events e WHERE e.file_id = f.file_id AND e.event IN
                         ('file.loaded', 'file.loaded_with_errors', 'file.failed', 'file.duplicate'))
               AND NOT EXISTS (SELECT 1 FROM events e WHERE e.file_id = f.file_id AND e.event = 'file.replayed')
            """
        ),
    ]

    /// The status log is the events, in their order, whole lines only.
    private func expectLogEqualsEvents(_ sourceLocation: SourceLocation) throws {
        let text = try folder.text("state/status.log")
        #expect(text.hasSuffix("\n"), "the status log is torn", sourceLocation: sourceLocation)
        let told = try LogLine.all(in: text).map { "\($0.seq)|\($0.event)" }
        let events = try query("SELECT seq, event FROM events ORDER BY seq")
        #expect(told == events, "the status log is not the events", sourceLocation: sourceLocation)
    }

    /// Every byte that was ever dropped lies on the server or in the spool, and the spool holds nothing else.
    private func expectBytesKept(_ sourceLocation: SourceLocation) throws {
        let spool = folder.contains("state/spool") ? try folder.names(in: "state/spool") : []
        let copies = Set(
            try spool.filter { $0.utf8.count == 64 }.map { try folder.read("state/spool/\($0)") }
        )
        let everDropped = Set(everDropped)
        #expect(copies.isSubset(of: everDropped), "the spool holds a mixture", sourceLocation: sourceLocation)
        let lost = everDropped.subtracting(copies).subtracting(try servedBytes())
        #expect(lost.isEmpty, "bytes were lost", sourceLocation: sourceLocation)
    }

    /// The rows of each loaded file are the lines behind its header, where no quotes make counting hard.
    private func expectRowsCounted(_ sourceLocation: SourceLocation) throws {
        let loaded = try query(
            """
            SELECT sha256 || ' ' || rows_total FROM files
             WHERE state IN ('loaded', 'loaded_with_errors', 'duplicate') AND type <> 'invoice_pdfs'
            """
        )
        for pair in loaded.map({ $0.split(separator: " ") }) {
            let text = try folder.text("state/spool/\(pair[0])")
            guard !text.contains("\"") else { continue }
            let rows = text.split(whereSeparator: \.isNewline).count - 1
            #expect("\(rows)" == pair[1], sourceLocation: sourceLocation)
        }
    }

    /// The bytes of every file below the inbox.
    private func servedBytes(in folder: String = "inbox") throws -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        for name in try server.folder.names(in: folder) {
            let path = "\(folder)/\(name)"
            // What cannot be listed is a file, and what cannot be read is none of ours.
            if (try? server.folder.names(in: path)) != nil {
                found.formUnion(try servedBytes(in: path))
            } else if let bytes = try? server.folder.read(path) {
                found.insert(bytes)
            }
        }
        return found
    }

    /// Every failure stands in exactly one digest, and no digest was queued without reason.
    private func expectFailuresToldOnce(_ sourceLocation: SourceLocation) throws {
        let failures = try query(
            """
            SELECT file_id FROM events WHERE event IN ('file.failed', 'file.held', 'file.loaded_with_errors')
             ORDER BY file_id
            """
        )
        let digests = try query("SELECT body FROM mail WHERE kind = 'digest'")
        for file in Set(failures) {
            let mentions = digests.reduce(0) { sum, digest in
                sum + digest.split(separator: "\n").count { $0.hasSuffix(", file \(file)") }
            }
            let due = failures.count { $0 == file }
            #expect(
                mentions == due,
                "file \(file) stands in \(mentions) digests",
                sourceLocation: sourceLocation
            )
        }
    }
}
