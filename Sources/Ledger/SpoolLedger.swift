import GRDB

/// What the ledger knows about the spool: which copies are still wanted, and whether the disk had room.
package struct SpoolLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Those of some copies that nothing needs any more.
    ///
    /// A copy is needed while a file of these bytes is not settled, is settled since `horizon`, or waits for its
    /// disposal, while a link to a PDF uses it, and while rows of it are parked.
    package func unneeded(among copies: [String], settledBefore horizon: Timestamp) throws -> [String] {
        try ledger.pool.read { db in
            let linked = try String.fetchSet(db, sql: "SELECT sha256 FROM invoice_pdf")
            // What a restored ledger does not know may be all that is left of a file.
            let mayHaveForgotten =
                try Bool.fetchOne(
                    db,
                    sql: "SELECT EXISTS (SELECT 1 FROM told WHERE kind = 'restored' AND told_at >= ?)",
                    arguments: [horizon.text]
                ) ?? true
            let known = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM file WHERE sha256 = ?)")
            let needed = try db.cachedStatement(
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM file f LEFT JOIN disposal d USING (file_id)
                         WHERE f.sha256 = :copy
                           AND (f.settled_at IS NULL OR f.settled_at >= :horizon
                                OR (d.file_id IS NOT NULL AND d.done_at IS NULL)
                                OR EXISTS (SELECT 1 FROM parked_row p WHERE p.file_id = f.file_id)))
                    """
            )
            return try copies.filter { copy in
                guard !linked.contains(copy) else { return false }
                if mayHaveForgotten, try Bool.fetchOne(known, arguments: [copy]) == false { return false }
                return try Bool.fetchOne(needed, arguments: ["copy": copy, "horizon": horizon.text]) == false
            }
        }
    }

    /// How many bytes the copies in the spool come to; `nil` for a ledger that no version which counts them has opened.
    package func bytes() throws -> Int64? {
        try ledger.pool.read { db in
            guard try db.tableExists("spool_tally") else { return nil }
            return try Int64.fetchOne(db, sql: "SELECT bytes FROM spool_tally")
        }
    }

    /// Makes what is known of the spool's size fit the copies that are there.
    ///
    /// - Parameters:
    ///   - copies: All of them.
    ///   - removed: Those that have just gone.
    ///   - size: How many bytes a copy has; asked only for those that were not known.
    package func reconcile(
        _ copies: [String],
        removed: [String],
        size: (String) -> Int64?
    ) throws {
        let known = try ledger.write { db in
            let forget = try db.cachedStatement(sql: "DELETE FROM spool_copy WHERE sha256 = ?")
            for copy in removed { try forget.execute(arguments: [copy]) }
            return try Int.fetchOne(db, sql: "SELECT copies FROM spool_tally") ?? 0
        }
        guard known != copies.count else { return }
        let there = Set(copies)
        let counted = try ledger.pool.read { db in
            try String.fetchSet(db, sql: "SELECT sha256 FROM spool_copy")
        }
        let news = there.subtracting(counted).compactMap { copy in size(copy).map { (copy, $0) } }
        try ledger.write { db in
            let forget = try db.cachedStatement(sql: "DELETE FROM spool_copy WHERE sha256 = ?")
            for copy in counted.subtracting(there) { try forget.execute(arguments: [copy]) }
            let note = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO spool_copy (sha256, bytes) VALUES (?, ?)"
            )
            for (copy, bytes) in news { try note.execute(arguments: [copy, bytes]) }
        }
    }

    /// Tells, once each time, that the disk has no room for more files, or that it has again.
    package func noteDisk(isLow: Bool, freeBytes: Int64, run: Int64, at time: Timestamp) throws {
        try ledger.write { db in
            let last = try String.fetchOne(
                db,
                sql: """
                    SELECT event FROM event WHERE event IN ('disk.low', 'disk.recovered')
                    ORDER BY seq DESC LIMIT 1
                    """
            )
            guard (last == EventName.diskLow.rawValue) != isLow else { return }
            try db.append(
                Event(isLow ? .diskLow : .diskRecovered, run: run, ["free_bytes": .integer(freeBytes)]),
                at: time
            )
        }
    }
}
