import GRDB

/// Events that are facts of their own, not part of a larger transaction.
package struct EventLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Records that something happened.
    ///
    /// - Throws: `DatabaseError`; then it was not recorded.
    @discardableResult
    package func append(_ event: Event, at time: Timestamp) throws -> Int64 {
        try ledger.pool.write { db in try db.append(event, at: time) }
    }
}
