import GRDB
import Receivables

/// Reads what a load has changed, while it can still be taken back: the rows as they are now against those of the last
/// commit, which another connection sees.
struct DifferenceReading {
    let db: Database
    let before: Database
    let file: Int64
    let log: ChangeLog
    let scope: Difference.Scope

    private var type: RecordType { log.type }

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
        try readOthers { row in try add(row, &taken) }
        return taken
    }

    /// What comes of the load for other files and types.
    private func readOthers(_ add: (Difference.Row) throws -> Void) throws {
        for (number, other) in log.types.enumerated().dropFirst() {
            try readStubs(number, other, add)
            try readHealed(number, other, add)
        }
        try readUnhealed(add)
    }

    /// Customers that were made up: all that a file adds to the table of another type.
    private func readStubs(_ number: Int, _ other: RecordType, _ add: (Difference.Row) throws -> Void) throws
    {
        let now = try RowImages(db, other)
        let notes = try notes(of: number, "change = 0 AND file IS NULL ORDER BY line, id")
        while let note = try notes.next() {
            guard let image = try now.image(of: note["id"]) else { continue }
            try add(Difference.Row(kind: .stub, type: other.name, line: note["line"], key: image.key))
        }
    }

    /// Parked rows of other files that are stored now.
    private func readHealed(_ number: Int, _ other: RecordType, _ add: (Difference.Row) throws -> Void) throws
    {
        let now = try RowImages(db, other)
        let then = try RowImages(before, other)
        // What else changes with a healed row has no line.
        let notes = try notes(of: number, "file IS NOT NULL AND line IS NOT NULL ORDER BY file, line, id")
        while let note = try notes.next() {
            let file: Int64 = note["file"]
            guard let healing = log.healings[file], healing.type.name == other.name,
                let image = try now.image(of: note["id"])
            else { continue }
            let old = try then.image(of: note["id"])
            // A row that is added may be changed once more by the same load.
            let change: ChangeLog.Change = old == nil ? .inserted : .updated
            guard note["change"] == change.rawValue else { continue }
            var row = Difference.Row(kind: .healed, type: other.name, line: note["line"], key: image.key)
            row.origin = Difference.Origin(file: file, name: healing.name)
            row.changes = old?.changes(to: image, showingValues: scope.showsValues) ?? []
            try add(row)
        }
    }

    /// The notes of a type, as far as there is room for any of it.
    private func notes(of type: Int, _ condition: String) throws -> RowCursor {
        try Row.fetchCursor(
            db,
            sql:
                "SELECT id, change, line, file FROM temp.change_note WHERE type = ? AND \(condition) LIMIT ?",
            arguments: [type, scope.perKind ?? -1]
        )
    }

    private func readUnhealed(_ add: (Difference.Row) throws -> Void) throws {
        guard !log.healings.isEmpty else { return }
        let issues = try Row.fetchCursor(
            db,
            sql: """
                SELECT file_id, line, code, column_name FROM row_issue
                 WHERE rowid > ? AND file_id <> ? AND severity = 'error' AND record IS NOT NULL ORDER BY rowid LIMIT ?
                """,
            arguments: [log.lastFinding, file, scope.perKind ?? -1]
        )
        while let issue = try issues.next() {
            let file: Int64 = issue["file_id"]
            guard let healing = log.healings[file] else { continue }
            try add(
                Difference.Row(
                    kind: .unhealed,
                    type: healing.type.name,
                    origin: Difference.Origin(file: file, name: healing.name),
                    line: issue["line"],
                    code: issue["code"],
                    column: issue["column_name"]
                )
            )
        }
    }

    /// How many customers were made up.
    func stubCount() throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM temp.change_note WHERE type > 0 AND change = 0 AND file IS NULL"
        ) ?? 0
    }

    /// What became of a record that no row of the file has written.
    private func absence(_ old: RowImages.Image, _ new: RowImages.Image) -> Difference.Kind {
        switch type.absence {
        case .cleared where old["status"] == "OPEN" && new["status"] == "CLEARED": .cleared
        case .zeroed where old["balance"] != new["balance"]: .zeroed
        default: .updated
        }
    }

    /// Goes through the notes of one change to the file's own type.
    private func each(_ noted: ChangeLog.Change, _ rest: String, _ body: (Int64, Int64?) throws -> Void)
        throws
    {
        let notes = try notes(of: 0, "change = \(noted.rawValue) \(rest)")
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
    ///   - healed: How many parked rows of other files would be stored.
    ///   - unhealed: How many of them would be refused.
    ///   - take: Is given each listed row; says whether it had room for it.
    package func difference(
        name: String,
        state: FileState,
        reason: String?,
        counts: RowCounts,
        healed: Int,
        unhealed: Int,
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
        let (taken, stubCount) = try ledger.pool.read { before in
            let reading = DifferenceReading(db: db, before: before, file: file, log: log, scope: scope)
            return (try reading.read(take), try reading.stubCount())
        }
        let others = [(Difference.Kind.healed, healed), (.unhealed, unhealed), (.stub, stubCount)]
        for (kind, total) in others where total > 0 { difference.alongside[kind] = total }
        for (kind, total) in counts.totals(of: log.type) + others where total > taken[kind] ?? 0 {
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
