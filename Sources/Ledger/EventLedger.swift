import GRDB

/// Events that are facts of their own, not part of a larger transaction.
package struct EventLedger: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Records that something happened.
    ///
    /// - Throws: ``LedgerFailure/leaseLost`` or `DatabaseError`; then it was not recorded.
    @discardableResult
    package func append(_ event: Event, at time: Timestamp) throws -> Int64 {
        try ledger.write { db in try db.append(event, at: time) }
    }

    /// Records that this process has lost its lease: the last that it says, and all that it may still write.
    package func appendLeaseLost(at time: Timestamp) throws {
        let lost = Event(.leaseLost, ["fence": .integer(ledger.fence)])
        try ledger.pool.write { db in _ = try db.append(lost, at: time) }
    }
}
