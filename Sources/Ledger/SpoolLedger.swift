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
