import Foundation
import GRDB

/// How a file ends, written in the transaction that holds its rows.
package struct Settlement: Sendable {
    package var state: FileState
    package var reason: String?
    package var run: Int64?
    package var counts = RowCounts()
    /// Whether it repaired single rows, and so is no snapshot that later files are measured against.
    package var isCorrection = false
    package var endedWithLineEnd: Bool?
    /// The rows of the snapshot it is, or is a part of.
    package var snapshotRows: Int?
    /// The date in its name, `YYYY-MM-DD` with the time behind it if there was one.
    package var nameDate: String?
    /// Its header record and delimiter, by which parked rows are read again.
    package var header: [UInt8]?
    package var delimiter: String?
    /// What is done with it on the server; `nil` for nothing.
    package var disposal: DisposalAction?
    /// What the event says beside the file's own facts.
    ///
    /// Never a cell value.
    package var extras: [(key: String, value: JSONValue)] = []

    package init(_ state: FileState, reason: String? = nil, run: Int64?) {
        self.state = state
        self.reason = reason
        self.run = run
    }

    private var event: EventName {
        switch state {
        case .loaded: .fileLoaded
        case .loadedWithErrors: .fileLoadedWithErrors
        case .duplicate: .fileDuplicate
        case .held: .fileHeld
        case .discarded: .fileDiscarded
        case .superseded: .fileSuperseded
        case .waiting, .received, .failed, .ignored: .fileFailed
        }
    }

    fileprivate func event(file: Int64, facts: Row, warnings: Int) -> Event {
        var event = Event(
            event,
            run: run,
            file: file,
            [
                "name": (facts["name"] as String?).map { .text($0) },
                "type": (facts["type"] as String?).map { .text($0) },
                "state": .text(state.rawValue),
                "reason": reason.map { .text($0) },
                "size": (facts["size"] as Int64?).map { .integer($0) },
                "sha256": (facts["sha256"] as String?).map { .text($0) },
            ]
        )
        if state != .held, state != .discarded, state != .superseded {
            event.detail += counts.detail
            event.detail.append(("warnings", .integer(Int64(warnings))))
        }
        event.detail.append(("attempt", .integer(facts["attempt"] ?? 1)))
        event.detail += extras
        return event
    }

    fileprivate var arguments: StatementArguments {
        let isHeld = state == .held
        let isApplied = state == .loaded || state == .loadedWithErrors || state == .duplicate
        return [
            "state": state.rawValue, "reason": reason, "run": run, "held": isHeld, "applied": isApplied,
            "correction": isCorrection,
            "line_end": endedWithLineEnd, "name_date": nameDate, "header": header.map { Data($0) },
            "delimiter": delimiter, "snapshot_rows": snapshotRows, "total": counts.total,
            "inserted": counts.inserted,
            "updated": counts.updated,
            "unchanged": counts.unchanged, "rejected": counts.rejected, "parked": counts.parked,
            "cleared": counts.cleared, "deleted": counts.deleted, "blank": counts.blank,
        ]
    }
}

extension LoadTransaction {
    /// Forgets what an earlier attempt found, so that this one is told alone.
    package func beginAttempt() throws {
        for sql in ["DELETE FROM row_issue WHERE file_id = ?", "DELETE FROM parked_row WHERE file_id = ?"] {
            try db.cachedStatement(sql: sql).execute(arguments: [file])
        }
    }

    /// Writes the file's end: its state and counts, its disposal, and the event that announces it.
    ///
    /// - Throws: ``LedgerFailure/leaseLost`` when the file was settled by somebody else meanwhile.
    package func settle(_ settlement: Settlement) throws {
        precondition(settlement.counts.balances, "the rows of a file do not add up")
        var arguments = settlement.arguments
        arguments += ["file": file, "now": time.text, "warnings": issues.warningCount]
        let settle = try db.cachedStatement(
            sql: """
                UPDATE file
                   SET state = :state, reason = :reason, run_id = coalesce(:run, run_id), attempt = attempt + 1,
                       settled_at = CASE WHEN :held THEN NULL ELSE :now END,
                       -- The event that follows below.
                       applied_seq = CASE WHEN :applied THEN (SELECT coalesce(max(seq), 0) + 1 FROM event)
                                     ELSE applied_seq END,
                       correction = :correction, final_line_end = :line_end, name_date = :name_date,
                       snapshot_rows = :snapshot_rows, header = :header, delimiter = :delimiter, rows_healed = 0,
                       rows_total = :total, rows_inserted = :inserted, rows_updated = :updated,
                       rows_unchanged = :unchanged, rows_rejected = :rejected, rows_parked = :parked,
                       rows_cleared = :cleared, rows_deleted = :deleted, rows_blank = :blank, warnings = :warnings
                 WHERE file_id = :file AND state NOT IN ('waiting', 'ignored', 'discarded')
                """
        )
        try settle.execute(arguments: arguments)
        guard db.changesCount == 1 else { throw LedgerFailure.leaseLost }
        if let action = settlement.disposal {
            let needsReport =
                settlement.state == .failed || settlement.counts.rejected + settlement.counts.parked > 0
            try dispose(file, action, report: needsReport && action != .leave)
        }
        let facts = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT name, type, size, sha256, attempt FROM file WHERE file_id = ?"),
            arguments: [file]
        )
        try append(settlement.event(file: file, facts: facts ?? Row(), warnings: issues.warningCount))
    }

    /// Ends every held file of the type: a newer one has been loaded.
    ///
    /// Where this file is itself an old one, only files that were held before it.
    package func supersedeHeld(
        type: String,
        except companions: Set<Int64>,
        disposal: DisposalAction?,
        run: Int64?
    )
        throws
    {
        let held = try db.cachedStatement(
            sql: """
                SELECT file_id, name FROM file INDEXED BY file_held
                 WHERE type = :type AND state = 'held' AND file_id <> :file
                   AND (NOT :late OR (SELECT max(seq) FROM event e WHERE e.file_id = file.file_id)
                                   < (SELECT min(seq) FROM event e WHERE e.file_id = :file AND event = 'file.held'))
                """
        )
        let rows = try Row.fetchAll(held, arguments: ["type": type, "file": file, "late": isLate])
            .filter { !companions.contains($0["file_id"]) }
        for row in rows {
            let superseded: Int64 = row["file_id"]
            try db.execute(
                sql: "UPDATE file SET state = 'superseded', reason = NULL, settled_at = ? WHERE file_id = ?",
                arguments: [time.text, superseded]
            )
            if let disposal { try dispose(superseded, disposal, report: false) }
            try append(
                Event(
                    .fileSuperseded,
                    run: run,
                    file: superseded,
                    [
                        "name": .text(row["name"]), "type": .text(type), "state": "superseded",
                        "by": .integer(file),
                    ]
                )
            )
        }
    }

    /// The disposal of an earlier attempt stands: what it moved stays moved.
    private func dispose(_ file: Int64, _ action: DisposalAction, report: Bool) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO disposal (file_id, action, report, next_attempt_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (file_id) DO NOTHING
                """
        ).execute(arguments: [file, action.rawValue, report, time.text])
    }
}
