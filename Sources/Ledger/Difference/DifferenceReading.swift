import GRDB
import Receivables

/// Reads what a load has changed, while it can still be taken back: the rows as they are now against those of the last
/// commit, which another connection sees.
struct DifferenceReading {
    private enum Noted: Int {
        case inserted = 0
        case updated = 1
        case deleted = 2
    }

    let db: Database
    let before: Database
    let file: Int64
    let type: RecordType
    let scope: Difference.Scope

    /// Hands on what has changed; `take` takes a row, or says that there is no more room.
    ///
    /// - Returns: How many rows of each kind were taken.
    func read(_ take: (Difference.Row) throws -> Bool) throws -> [Difference.Kind: Int] {
        func add(_ row: Difference.Row, _ taken: inout [Difference.Kind: Int]) throws {
            if try take(row) { taken[row.kind, default: 0] += 1 }
        }
        var taken: [Difference.Kind: Int] = [:]
        let now = try RowImages(db, type)
        let then = try RowImages(before, type)
        try each(.inserted, "ORDER BY line, id") { id, line in
            guard let image = try now.image(of: id) else { return }
            try add(Difference.Row(kind: .inserted, line: line, key: image.key), &taken)
        }
        for condition in ["line IS NOT NULL ORDER BY line, id", "line IS NULL ORDER BY id"] {
            try each(.updated, "AND \(condition)") { id, line in
                guard let old = try then.image(of: id), let new = try now.image(of: id), old.key == new.key
                else { return }
                let changes = old.changes(to: new, showingValues: scope.showsValues)
                // What only came near the row, and left it as it is.
                guard line != nil || !changes.isEmpty else { return }
                let kind = line == nil ? absence(old, new) : .updated
                try add(Difference.Row(kind: kind, line: line, key: new.key, changes: changes), &taken)
            }
        }
        try each(.deleted, "ORDER BY id") { id, _ in
            guard let image = try then.image(of: id) else { return }
            try add(Difference.Row(kind: .deleted, key: image.key), &taken)
        }
        try readRefusals(&taken, take)
        return taken
    }

    /// What became of a record that no row of the file has written.
    private func absence(_ old: RowImages.Image, _ new: RowImages.Image) -> Difference.Kind {
        switch type.absence {
        case .cleared where old["status"] == "OPEN" && new["status"] == "CLEARED": .cleared
        case .zeroed where old["balance"] != new["balance"]: .zeroed
        default: .updated
        }
    }

    /// Goes through the notes of one change, as far as there is room for any of it.
    private func each(_ noted: Noted, _ rest: String, _ body: (Int64, Int64?) throws -> Void) throws {
        let limit = scope.perKind ?? -1
        let notes = try Row.fetchCursor(
            db,
            sql: "SELECT id, line FROM temp.change_note WHERE change = ? \(rest) LIMIT ?",
            arguments: [noted.rawValue, limit]
        )
        while let note = try notes.next() { try body(note["id"], note["line"]) }
    }

    /// Rows that are not stored: set aside for their parent, or refused.
    private func readRefusals(
        _ taken: inout [Difference.Kind: Int],
        _ take: (Difference.Row) throws -> Bool
    ) throws {
        for kind in [Difference.Kind.parked, .rejected] {
            let issues = try GRDB.Row.fetchCursor(
                db,
                sql: """
                    SELECT record, line, code, column_name FROM row_issue
                     WHERE file_id = :file AND severity = 'error' AND record IS NOT NULL AND record \
                    \(kind == .parked ? "IN" : "NOT IN") (SELECT record FROM parked_row WHERE file_id = :file)
                     ORDER BY record, rowid LIMIT :limit
                    """,
                arguments: ["file": file, "limit": scope.perKind ?? -1]
            )
            var last: Int64?
            while let issue = try issues.next() {
                let row = Difference.Row(
                    kind: kind,
                    line: issue["line"],
                    code: issue["code"],
                    column: issue["column_name"]
                )
                // A row with several faults is several lines, and one row.
                let record: Int64 = issue["record"]
                if try take(row), record != last { taken[kind, default: 0] += 1 }
                last = record
            }
        }
    }
}

extension LoadTransaction {
    /// What the load has come to so far, against what is committed.
    ///
    /// - Parameters:
    ///   - outcome: How the file was settled.
    ///   - take: Is given each listed row; says whether it had room for it.
    package func difference(
        name: String,
        state: FileState,
        reason: String?,
        counts: RowCounts,
        in ledger: Ledger,
        scope: Difference.Scope,
        take: (Difference.Row) throws -> Bool
    ) throws -> Difference {
        guard let log = changes else { throw LedgerFailure.leaseLost }
        var difference = Difference(
            name: name,
            type: log.type.name,
            state: state,
            reason: reason,
            counts: counts,
            warnings: issues.warningCount
        )
        let taken = try ledger.pool.read { before in
            try DifferenceReading(
                db: db,
                before: before,
                file: file,
                type: log.type,
                scope: scope
            ).read(take)
        }
        for (kind, total) in counts.totals(of: log.type) where total > taken[kind] ?? 0 {
            difference.leftOut[kind] = total - (taken[kind] ?? 0)
        }
        difference.issues = try FileQueries.issues(of: file, limit: scope.issues, in: db)
        let found = try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM row_issue WHERE file_id = ?",
            arguments: [file]
        )
        difference.issuesLeftOut = max(0, (found ?? 0) - difference.issues.count)
        try log.close()
        changes = nil
        return difference
    }
}

extension RowCounts {
    fileprivate func totals(of type: RecordType) -> [(Difference.Kind, Int)] {
        [
            (.inserted, inserted), (.updated, updated),
            (type.absence == .zeroed ? .zeroed : .cleared, cleared),
            (.deleted, deleted), (.parked, parked), (.rejected, rejected),
        ]
    }
}
