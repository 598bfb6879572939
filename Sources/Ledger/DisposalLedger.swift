import Foundation
package import GRDB

/// What is done on the server with files that are settled.
package enum AfterLoad: String, Sendable, CaseIterable {
    case move
    case leave
    case delete
}

extension DisposalAction {
    /// What a file in a final state calls for; only loaded and duplicate files are ever deleted.
    package init(for state: FileState, after: AfterLoad) {
        switch (after, state) {
        case (.leave, _): self = .leave
        case (.delete, .loaded), (.delete, .duplicate): self = .delete
        case (_, .failed), (_, .discarded): self = .failed
        default: self = .processed
        }
    }
}

/// One disposal that is due.
package struct DueDisposal: Sendable, Equatable {
    package var file: Int64
    package var action: DisposalAction
    /// Whether an error report goes to `failed/`.
    package var wantsReport: Bool
    /// Where the file was listed, as bytes relative to the inbox's root.
    package var path: [UInt8]
    package var size: Int64?
    package var mtime: Int64?
    /// Where it was to go, chosen before the first attempt to move it.
    package var target: [UInt8]?
    package var isMoved: Bool
    /// Whether a complete listing no longer showed it: what lies there now is another file.
    package var isGone: Bool
    package var attempts: Int
    /// The slot of the run that settled it.
    package var slot: Timestamp
}

/// One disposal that is through.
package struct DoneDisposal: Sendable, Equatable {
    package var file: Int64
    /// Where the file lies now, escaped; `nil` when it is gone.
    package var target: String?
    /// Where its error report lies, escaped.
    package var report: String?
    /// `gone` or `replaced`, when the sender was there before us.
    package var note: String?

    package init(file: Int64, target: String? = nil, report: String? = nil, note: String? = nil) {
        self.file = file
        self.target = target
        self.report = report
        self.note = note
    }
}

/// The outbox of what remains to be done on the server: each row is tried until it is done, and undoes no load.
package struct DisposalLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Orders the disposal of a file in the transaction that settles it.
    ///
    /// `report`: Whether rows were rejected or parked, or the file was refused; nothing is written under `leave`.
    package static func order(
        for file: Int64,
        state: FileState,
        after: AfterLoad,
        report: Bool,
        at time: Timestamp,
        in db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO disposal (file_id, action, report, next_attempt_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        ).execute(arguments: [
            file, DisposalAction(for: state, after: after).rawValue, report && after != .leave, time.text,
        ])
    }

    /// The disposals to try, oldest first.
    ///
    /// `time`: Those whose time has come by then; `nil` for all that are not done, as every run tries them.
    /// `file`: Only those of later files; by it a long list is read in lots.
    package func due(at time: Timestamp?, after file: Int64 = 0, limit: Int) throws -> [DueDisposal] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT d.file_id, d.action, d.report, d.target, d.moved_at, d.attempts, f.path, f.gone, f.size, f.mtime,
                           coalesce(r.slot, f.settled_at, d.next_attempt_at) AS slot
                      FROM disposal d JOIN file f USING (file_id) LEFT JOIN run r USING (run_id)
                     WHERE d.done_at IS NULL AND d.action <> 'leave' AND d.next_attempt_at <= ?
                       AND d.file_id > ?
                     ORDER BY d.file_id LIMIT ?
                    """,
                arguments: [time?.text ?? "9", file, limit]
            ).compactMap { row in
                guard let action = DisposalAction(rawValue: row["action"]),
                    let slot = Timestamp(row["slot"] as String)
                else { return nil }
                let movedAt: String? = row["moved_at"]
                return DueDisposal(
                    file: row["file_id"],
                    action: action,
                    wantsReport: row["report"],
                    path: Array(row["path"] as Data),
                    size: row["size"],
                    mtime: row["mtime"],
                    target: (row["target"] as Data?).map { Array($0) },
                    isMoved: movedAt != nil,
                    isGone: row["gone"],
                    attempts: row["attempts"],
                    slot: slot
                )
            }
        }
    }

    /// Closes the disposals that ask for nothing.
    package func closeLeft(at time: Timestamp) throws {
        try ledger.write { db in
            try db.execute(
                sql: "UPDATE disposal SET done_at = ? WHERE done_at IS NULL AND action = 'leave'",
                arguments: [time.text]
            )
        }
    }

    /// How many disposals are not through.
    package func pending() throws -> Int {
        try ledger.pool.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM disposal WHERE done_at IS NULL AND action <> 'leave'"
            ) ?? 0
        }
    }

    /// When the next disposal is due; `nil` when none is left.
    package func nextAttempt() throws -> Timestamp? {
        try ledger.pool.read { db in
            try String.fetchOne(
                db,
                sql: "SELECT min(next_attempt_at) FROM disposal WHERE done_at IS NULL AND action <> 'leave'"
            ).flatMap(Timestamp.init)
        }
    }

    /// Remembers where files are to go, before they go there: a lost reply must not make one go elsewhere.
    ///
    /// Throws ``LedgerFailure/leaseLost`` when another process disposes of them now.
    package func aim(_ targets: [(file: Int64, target: [UInt8])]) throws {
        guard !targets.isEmpty else { return }
        try ledger.write { db in
            for (file, target) in targets {
                try db.cachedStatement(sql: "UPDATE disposal SET target = ? WHERE file_id = ?")
                    .execute(arguments: [Data(target), file])
            }
        }
    }

    /// The file has left its place: what lies there next is a new one.
    package func moved(_ file: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            try db.cachedStatement(sql: "UPDATE disposal SET moved_at = ? WHERE file_id = ?").execute(
                arguments: [time.text, file])
            try db.cachedStatement(sql: "UPDATE file SET gone = 1 WHERE file_id = ?").execute(arguments: [
                file
            ])
        }
    }

    /// Nothing remains to be done for some files.
    package func done(_ files: [DoneDisposal], at time: Timestamp) throws {
        guard !files.isEmpty else { return }
        try ledger.write { db in
            for file in files { try Self.done(file, at: time, in: db) }
        }
    }

    private static func done(_ done: DoneDisposal, at time: Timestamp, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE disposal SET done_at = :time, moved_at = coalesce(moved_at, :time), last_error = NULL
                WHERE file_id = :file AND done_at IS NULL
                """
        ).execute(arguments: ["time": time.text, "file": done.file])
        guard db.changesCount == 1 else { return }
        try db.cachedStatement(sql: "UPDATE file SET gone = 1 WHERE file_id = ?")
            .execute(arguments: [done.file])
        let event = try event(.fileDisposed, done.file, in: db)
        try db.append(
            event.with("target", done.target.map { .text($0) }).with("report", done.report.map { .text($0) })
                .with("note", done.note.map { .text($0) }),
            at: time
        )
    }

    /// An attempt failed; the next comes after a minute, then twice as late each time, up to an hour.
    ///
    /// `error`: What was met, for people; escaped.
    package func failed(_ file: Int64, error: String, at time: Timestamp) throws {
        try ledger.write { db in
            let before = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT attempts FROM disposal WHERE file_id = ?"),
                arguments: [file]
            )
            let attempts = (before ?? 0) + 1
            try db.cachedStatement(
                sql: """
                    UPDATE disposal SET attempts = ?, next_attempt_at = ?, last_error = ? WHERE file_id = ?
                    """
            ).execute(arguments: [
                attempts, time.adding(seconds: Self.pause(afterAttempts: attempts)).text, error, file,
            ])
            // Told once; `status` and the incident count attempts in the row.
            guard attempts == 1 else { return }
            let event = try Self.event(.fileDisposalFailed, file, in: db)
            try db.append(
                event.with("attempt", .integer(Int64(attempts))).with("message", .text(error)),
                at: time
            )
        }
    }

    /// Seconds until the next attempt.
    package static func pause(afterAttempts attempts: Int) -> Int64 {
        attempts >= 7 ? 3600 : min(3600, 60 << Int64(max(0, attempts - 1)))
    }

    private static func event(_ name: EventName, _ file: Int64, in db: Database) throws -> Event {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT f.run_id, f.name, f.type, f.state, d.action FROM file f JOIN disposal d USING (file_id)
                        WHERE file_id = ?
                        """
                ),
                arguments: [file]
            )
        else { return Event(name, file: file) }
        let type: String? = row["type"]
        return Event(
            name,
            run: row["run_id"],
            file: file,
            [
                "name": .text(row["name"]), "type": type.map { .text($0) }, "state": .text(row["state"]),
                "action": .text(row["action"]),
            ]
        )
    }
}
