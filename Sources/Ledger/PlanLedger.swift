import Foundation
import GRDB

/// What runs see of the inbox: the facts a plan is made from, and the plan itself.
package struct PlanLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Every file that may still lie where it was seen, and every ignored or received one.
    package func known() throws -> [KnownFile] {
        try ledger.pool.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT f.file_id, f.path, f.state, f.reason, f.size, f.mtime, f.gone, f.first_seen_at,
                           d.file_id IS NOT NULL AND d.done_at IS NULL AND d.action <> 'leave' AS pending
                      FROM file f LEFT JOIN disposal d USING (file_id)
                     WHERE f.gone = 0 OR f.state IN ('ignored', 'received')
                     ORDER BY f.file_id
                    """
            )
            var known: [KnownFile] = []
            while let row = try rows.next() {
                guard let state = FileState(rawValue: row["state"]) else { continue }
                known.append(
                    KnownFile(
                        id: row["file_id"],
                        path: Array(row["path"] as Data),
                        state: state,
                        reason: row["reason"],
                        size: row["size"],
                        mtime: row["mtime"],
                        isGone: row["gone"],
                        isDisposalPending: row["pending"],
                        firstSeen: row["first_seen_at"]
                    )
                )
            }
            return known
        }
    }

    /// Commits a plan: from here on the run goes on from its membership, whatever happens.
    ///
    /// `entries`: Every listed entry, each once.
    /// `absent`: Rows whose file a complete listing did not show.
    /// `counts`: How the plan balances; the caller has checked it.
    package func commit(
        _ entries: some Sequence<PlannedEntry>,
        absent: [Int64],
        counts: PlanCounts,
        run: Int64,
        at time: Timestamp
    ) throws {
        try ledger.write { db in
            for file in absent { try Self.markAbsent(file, run: run, at: time, in: db) }
            for entry in entries { try Self.record(entry, run: run, at: time, in: db) }
            try db.execute(sql: "DELETE FROM sighting WHERE run_id = ?", arguments: [run])
            try db.execute(
                sql: """
                    UPDATE run SET stage = 'fetching', listed = ?, batched = ?, waiting = ?, settled = ?, ignored = ?
                    WHERE run_id = ?
                    """,
                arguments: [
                    counts.listed, counts.batched, counts.waiting, counts.settled, counts.ignored, run,
                ]
            )
            try db.append(
                Event(
                    .runPlanned,
                    run: run,
                    [
                        "listed": .integer(Int64(counts.listed)),
                        "batched": .integer(Int64(counts.batched)),
                        "waiting": .integer(Int64(counts.waiting)),
                        "settled": .integer(Int64(counts.settled)),
                        "ignored": .integer(Int64(counts.ignored)),
                    ]
                ),
                at: time
            )
        }
    }

    private static func record(_ entry: PlannedEntry, run: Int64, at time: Timestamp, in db: Database) throws
    {
        if let past = entry.replaces { try markPast(past, at: time, in: db) }
        switch entry.disposition {
        case .settled: break
        case .batch:
            _ = try place(entry, state: .waiting, reason: nil, isMember: true, run: run, at: time, in: db)
        case .resumed(let file):
            try db.cachedStatement(
                sql: "UPDATE file SET run_id = ?, reason = NULL WHERE file_id = ? AND state = 'received'"
            ).execute(arguments: [run, file])
        case .waiting(let reason):
            let file = try place(entry, state: .waiting, reason: reason.rawValue, run: run, at: time, in: db)
            if reason == .gone { try markPast(file, at: time, in: db) }
        case .ignored(let reason):
            _ = try place(entry, state: .ignored, reason: reason.rawValue, run: run, at: time, in: db)
        }
    }

    /// Updates the row of an appearance, or makes one, and says so if anything a person would ask about changed.
    private static func place(
        _ entry: PlannedEntry,
        state: FileState,
        reason: String?,
        isMember: Bool = false,
        run: Int64,
        at time: Timestamp,
        in db: Database
    ) throws -> Int64 {
        var isNews = true
        let file: Int64
        if let row = entry.row {
            let before = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT state, reason, size, mtime FROM file WHERE file_id = ?"),
                arguments: [row]
            )
            let isSame =
                before?["state"] == state.rawValue && before?["reason"] == reason
                && (state == .ignored || before?["size"] == entry.size && before?["mtime"] == entry.mtime)
            isNews = !isSame
            try db.cachedStatement(
                sql: """
                    UPDATE file SET run_id = ?, type = ?, size = ?, mtime = ?, state = ?, reason = ?, gone = 0
                    WHERE file_id = ?
                    """
            ).execute(
                arguments: [
                    isMember ? run : nil, entry.type, entry.size, entry.mtime, state.rawValue, reason, row,
                ]
            )
            file = row
        } else {
            try db.cachedStatement(
                sql: """
                    INSERT INTO file (run_id, type, directory, path, path_text, name, size, mtime, state, reason,
                                      first_seen_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [
                    isMember ? run : nil, entry.type, entry.directory, Data(entry.path), entry.pathText,
                    entry.name,
                    entry.size,
                    entry.mtime, state.rawValue, reason, time.text,
                ]
            )
            file = db.lastInsertedRowID
        }
        // A member of the batch is told when it is received.
        guard isNews, let reason else { return file }
        try db.append(
            Event(
                state == .ignored ? .fileIgnored : .fileWaiting,
                run: run,
                file: file,
                [
                    "name": .text(entry.name), "type": entry.type.map { .text($0) },
                    "state": .text(state.rawValue), "reason": .text(reason),
                    "size": entry.size.map { .integer($0) }, "path": .text(entry.pathText),
                ]
            ),
            at: time
        )
        return file
    }

    /// What lies at its path next is a new file.
    private static func markPast(_ file: Int64, at time: Timestamp, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE file SET gone = 1, settled_at = CASE state WHEN 'waiting' THEN ? ELSE settled_at END
                WHERE file_id = ?
                """
        ).execute(arguments: [time.text, file])
    }

    /// As ``markPast(_:at:in:)``; one that waited is told as gone.
    private static func markAbsent(_ file: Int64, run: Int64, at time: Timestamp, in db: Database) throws {
        try markPast(file, at: time, in: db)
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT name, type, size, path_text FROM file WHERE file_id = ? AND state = 'waiting'"
            ),
            arguments: [file]
        )
        guard let row else { return }
        try db.cachedStatement(sql: "UPDATE file SET reason = 'gone', run_id = NULL WHERE file_id = ?")
            .execute(arguments: [file])
        let type: String? = row["type"]
        let size: Int64? = row["size"]
        try db.append(
            Event(
                .fileWaiting,
                run: run,
                file: file,
                [
                    "name": .text(row["name"]), "type": type.map { .text($0) }, "state": "waiting",
                    "reason": .text(WaitingReason.gone.rawValue), "size": size.map { .integer($0) },
                    "path": .text(row["path_text"]),
                ]
            ),
            at: time
        )
    }
}
