import Foundation
import GRDB

/// Who may write to this ledger, across hosts: a row with an owner, a term and a fence that only counts up.
///
/// On one host the kernel lock decides, so a restart there need not wait for the term.
package enum Lease {
    /// Seconds for which a claim holds without being renewed.
    package static let term: Int64 = 60

    /// Who took the ledger last.
    package struct Holder: Sendable, Equatable {
        package let host: String
        package let fence: Int64
        /// Seconds of the epoch.
        package let expiresAt: Int64
    }

    /// Who took the ledger last; `nil` for one that nobody has opened for writing.
    package static func current(in ledger: Ledger) throws -> Holder? {
        try ledger.pool.read { db in
            try Row.fetchOne(db, sql: "SELECT host, fence, expires_at FROM lease").map {
                Holder(host: $0["host"], fence: $0["fence"], expiresAt: $0["expires_at"])
            }
        }
    }

    static func claim(_ db: Database, drop: String, owner: String, time: Timestamp) throws -> Int64 {
        let host = ProcessInfo.processInfo.hostName
        try db.execute(
            sql: """
                INSERT INTO lease (drop_name, owner, host, fence, expires_at)
                VALUES (:drop, :owner, :host, 0, 0) ON CONFLICT DO NOTHING
                """,
            arguments: ["drop": drop, "owner": owner, "host": host]
        )
        let fence = try Int64.fetchOne(
            db,
            sql: """
                UPDATE lease SET owner = :owner, host = :host, fence = fence + 1, expires_at = :now + :term
                WHERE drop_name = :drop AND (host = :host OR expires_at < :now)
                RETURNING fence
                """,
            arguments: ["drop": drop, "owner": owner, "host": host, "now": time.seconds, "term": term]
        )
        if let fence { return fence }
        let holder = try Row.fetchOne(
            db,
            sql: "SELECT host, expires_at FROM lease WHERE drop_name = ?",
            arguments: [drop]
        )
        throw LedgerFailure.leaseHeld(host: holder?["host"] ?? "", until: holder?["expires_at"] ?? 0)
    }

    /// Fails unless `fence` is still ours: the last condition of every load.
    static func require(_ fence: Int64, in db: Database) throws {
        let isOurs = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM lease WHERE fence = ?)"),
            arguments: [fence]
        )
        guard isOurs == true else { throw LedgerFailure.leaseLost }
    }
}

extension Ledger {
    /// Makes sure that the lease is ours before something is told that another process may tell.
    ///
    /// - Throws: ``LedgerFailure/leaseLost`` when another process holds it now.
    package func requireLease() throws {
        try pool.read { [fence] db in try Lease.require(fence, in: db) }
    }

    /// Writes in one transaction, behind the fence.
    ///
    /// - Throws: ``LedgerFailure/leaseLost`` when another process holds the lease now, and what `body` throws; then nothing
    ///   was written.
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try pool.write { [fence] db in
            try Lease.require(fence, in: db)
            return try body(db)
        }
    }

    /// As ``write(_:)``, without blocking the caller's thread while a load holds the ledger.
    func asyncWrite<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        try await pool.write { [fence] db in
            try Lease.require(fence, in: db)
            return try body(db)
        }
    }

    /// Keeps the lease for another term.
    ///
    /// It is not made durable: after a power loss the lease is claimed anew anyway, and an idle disk may sleep.
    ///
    /// - Throws: ``LedgerFailure/leaseLost`` when another process holds it now.
    package func renewLease(at time: Timestamp) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            let renewed = Result {
                try db.execute(
                    sql: "UPDATE lease SET expires_at = ? WHERE drop_name = ? AND fence = ?",
                    arguments: [time.seconds + Lease.term, dropName, fence]
                )
                return db.changesCount == 1
            }
            try db.execute(sql: "PRAGMA synchronous = FULL")
            guard try renewed.get() else { throw LedgerFailure.leaseLost }
        }
    }
}
