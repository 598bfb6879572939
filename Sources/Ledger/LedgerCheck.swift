import GRDB

/// What is looked at before a ledger is trusted.
package struct LedgerCheck: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Looks for damage; reads the whole file.
    ///
    /// - Throws: ``LedgerDamaged``, or `DatabaseError` when it cannot even be read.
    package func quick() throws { try check("quick_check") }

    /// Looks for damage as ``quick()`` does, and whether indexes and tables agree; takes about twice as long.
    package func whole() throws { try check("integrity_check") }

    private func check(_ pragma: String) throws {
        let findings = try ledger.pool.read { db in try String.fetchAll(db, sql: "PRAGMA \(pragma)(5)") }
        guard findings == ["ok"] else { throw LedgerDamaged(findings: findings) }
    }

    /// The version of its tables, and the inbox that it was filled from.
    package func schema() throws -> (version: Int, inboxURL: String) {
        try ledger.pool.read { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            return (version, try String.fetchOne(db, sql: "SELECT inbox_url FROM identity") ?? "")
        }
    }

    /// Tells, once, that the inbox is another than the one that the ledger knows.
    package func noteInbox(_ url: String, at time: Timestamp) throws {
        try ledger.write { db in
            try db.execute(
                sql: "UPDATE identity SET inbox_url = ? WHERE inbox_url <> ?",
                arguments: [url, url]
            )
            guard db.changesCount > 0 else { return }
            try db.append(Event(.inboxChanged, ["url": .text(url)]), at: time)
        }
    }
}

/// The ledger is no whole database any more; it is left as it is.
package struct LedgerDamaged: Error, Sendable, CustomStringConvertible {
    /// What SQLite says, a few lines of it.
    package let findings: [String]

    package var description: String {
        "the ledger is damaged and is not touched: " + findings.joined(separator: "; ")
    }
}

/// There is no ledger, or an empty one, where there was one.
package struct LedgerGone: Error, Sendable, CustomStringConvertible {
    /// The number of the last event of it that was told.
    package let told: Int64

    package init(told: Int64) { self.told = told }

    package var description: String {
        """
        the ledger is gone, of which the status log tells \(told) events: put a backup in its place, or move status.log \
        and status.seq away as well to begin anew
        """
    }
}

extension LedgerFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path): "\(path): there is no ledger"
        case .notOurs(let path): "\(path): is a database of another program"
        case .newer(let version):
            "the ledger was written by a newer version of this program (schema \(version))"
        case .otherDrop(let name):
            "the ledger belongs to drop \(name); name and state_directory do not fit together"
        case .leaseLost: "another process has taken the ledger over"
        case .leaseHeld(let host, let until):
            "host \(host) holds the ledger until \(Timestamp(milliseconds: until * 1000).textInSeconds)"
        }
    }
}
