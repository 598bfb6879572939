import GRDB

extension Ledger {
    /// Calls `body` after each transaction of this process that wrote an event, or what is known of a disposal.
    ///
    /// Other processes do not write while this one may. The call comes on the thread that committed: it must be short.
    package func whenCommitted(_ body: @escaping @Sendable () -> Void) {
        pool.add(transactionObserver: CommitBell(body), extent: .databaseLifetime)
    }
}

/// Notices the transactions that leave something to tell; the ledger calls it from its one writer alone.
private final class CommitBell: TransactionObserver {
    private let ring: @Sendable () -> Void
    private var isNews = false

    init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }

    func observes(eventsOfKind kind: DatabaseEventKind) -> Bool {
        switch kind {
        case .insert(let table): table == "event"
        case .update(let table, _): table == "disposal"
        case .delete: false
        }
    }

    func databaseDidChange(with event: DatabaseEvent) {
        isNews = true
        // One change is as good as thousands.
        stopObservingDatabaseChangesUntilNextTransaction()
    }

    func databaseDidCommit(_ db: Database) {
        if isNews { ring() }
        isNews = false
    }

    func databaseDidRollback(_ db: Database) { isNews = false }
}
