import GRDB
import GRDBSQLite
package import Receivables
import Synchronization

/// The one transaction in which a file becomes rows: whatever is done through it is committed together or not at all.
///
/// Used on one thread, inside ``Ledger/load(file:at:_:)``, and never kept.
package final class LoadTransaction {
    let db: Database
    /// The file that is being loaded; it is recorded as the last to change a row.
    package let file: Int64
    package let time: Timestamp
    package let issues: IssueLog
    /// Whether the file came before others that were applied: then only older files' rows stop being parked.
    package var isLate = false
    /// Notes what is written, where somebody wants to know.
    package internal(set) var changes: ChangeLog?
    /// Whether nothing of it is ever read after a crash: it is taken back, or goes into a copy to try things out on.
    let isTrial: Bool

    init(_ db: Database, file: Int64, time: Timestamp, isTrial: Bool = false) throws {
        self.db = db
        self.file = file
        self.time = time
        self.isTrial = isTrial
        try ScratchTables.make(db)
        issues = try IssueLog(db, file: file)
    }

    /// The rows of a type, to be found, added and changed.
    package func table(
        of type: RecordType,
        key: [String],
        targets: [RecordTable.Target],
        watched: [String] = []
    ) throws -> RecordTable {
        try RecordTable(db, table: type.table, key: key, targets: targets, watched: watched, file: file)
    }

    /// An attempt wrote too much for the rest of its transaction to be kept without it.
    package struct TooLargeToTakeBack: Error {}

    /// How much of an attempt stays in memory, in pages of 4 kB.
    private static let pagesInMemory = 16384

    /// Does something that may turn out to be unwanted; the findings are taken back with the rest.
    ///
    /// With SQLite 3.40.1 a commit was seen to be gone after a crash when a savepoint had been taken back before it of
    /// which pages were in the log already. So an attempt stays out of the log, as far as memory goes.
    ///
    /// - Parameter body: Returns whether its changes are kept.
    /// - Throws: ``TooLargeToTakeBack``, or what `body` throws; all of the transaction is to be taken back then.
    package func attempt(_ body: () throws -> Bool) throws {
        // A whole file may be attempted in it.
        if isTrial { return try tryOut(body) }
        try db.execute(sql: "PRAGMA main.cache_spill = \(Self.pagesInMemory)")
        defer { try? db.execute(sql: "PRAGMA main.cache_spill = 1") }
        let before = pagesWritten
        try tryOut { [self] in
            let isKept = try body()
            if !isKept, pagesWritten > before { throw TooLargeToTakeBack() }
            return isKept
        }
    }

    private func tryOut(_ body: () throws -> Bool) throws {
        let counts = issues.counts
        try db.execute(sql: "SAVEPOINT attempt")
        if try !body() {
            try db.execute(sql: "ROLLBACK TO attempt")
            issues.counts = counts
        }
        try db.execute(sql: "RELEASE attempt")
    }

    /// How many pages had to leave the cache before a commit.
    private var pagesWritten: Int32 {
        var now: Int32 = 0
        var most: Int32 = 0
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_SPILL, &now, &most, 0)
        return now
    }

    package func append(_ event: Event) throws {
        try db.append(event, at: time)
    }
}

extension Ledger {
    /// Runs one load.
    ///
    /// Blocks; call it on a thread that may.
    ///
    /// - Parameter isTrial: Whether the ledger is a copy that nobody reads after a crash.
    /// - Throws: Whatever `body` throws, `DatabaseError`, or ``LedgerFailure/leaseLost``; then nothing was written.
    package func load<Outcome>(
        file: Int64,
        at time: Timestamp,
        isTrial: Bool = false,
        _ body: (LoadTransaction) throws -> Outcome
    ) throws -> Outcome {
        try pool.writeWithoutTransaction { db in
            let isReady = isReadyForLoads.load(ordering: .relaxed)
            if !isReady { try Self.checkReferences(false, in: db) }
            let result = Result { try load(db, file: file, at: time, isTrial: isTrial, body) }
            if !isReady { try Self.checkReferences(true, in: db) }
            return try result.get()
        }
    }

    /// Makes ready for many loads, and what is done between them.
    ///
    /// To make ready for each of them would cost more than to load a small file: SQLite forgets all its statements.
    package func forLoads<Outcome: Sendable>(_ body: () async throws -> Outcome) async throws -> Outcome {
        try await pool.writeWithoutTransaction { [self] db in
            try Self.checkReferences(false, in: db)
            isReadyForLoads.store(true, ordering: .relaxed)
        }
        do {
            let outcome = try await body()
            try await endLoads()
            return outcome
        } catch {
            try await endLoads()
            throw error
        }
    }

    private func endLoads() async throws {
        try await pool.writeWithoutTransaction { [self] db in
            isReadyForLoads.store(false, ordering: .relaxed)
            try Self.checkReferences(true, in: db)
        }
    }

    /// Every parent is looked up by the load itself, which says more than that one is missing.
    private static func checkReferences(_ isWanted: Bool, in db: Database) throws {
        try db.execute(sql: "PRAGMA foreign_keys = \(isWanted ? "ON" : "OFF")")
    }

    private func load<Outcome>(
        _ db: Database,
        file: Int64,
        at time: Timestamp,
        isTrial: Bool,
        _ body: (LoadTransaction) throws -> Outcome
    ) throws -> Outcome {
        var outcome: Outcome?
        defer { RowImageFile.detachAll(from: db) }
        try db.inTransaction(.immediate) {
            outcome = try body(try LoadTransaction(db, file: file, time: time, isTrial: isTrial))
            try Lease.require(fence, in: db)
            return .commit
        }
        guard let outcome else { throw LedgerFailure.leaseLost }
        return outcome
    }

    /// Runs loads for their outcome alone: whatever they wrote is taken back.
    ///
    /// - Parameter body: Is given what begins the load of a file.
    package func rehearse<Result>(
        at time: Timestamp,
        _ body: (_ stage: Rehearsal) throws -> Result
    ) throws -> Result {
        try pool.writeWithoutTransaction { db in
            // As in a load.
            let isReady = isReadyForLoads.load(ordering: .relaxed)
            if !isReady { try Self.checkReferences(false, in: db) }
            var outcome: Result?
            let end = Swift.Result {
                try db.inTransaction(.immediate) {
                    outcome = try body(Rehearsal(db: db, time: time))
                    return .rollback
                }
            }
            RowImageFile.detachAll(from: db)
            if !isReady { try Self.checkReferences(true, in: db) }
            try end.get()
            guard let outcome else { throw LedgerFailure.leaseLost }
            return outcome
        }
    }
}

/// A transaction that will be taken back.
package struct Rehearsal {
    let db: Database
    let time: Timestamp

    /// Begins the load of a file.
    package func begin(_ file: Int64) throws -> LoadTransaction {
        try LoadTransaction(db, file: file, time: time, isTrial: true)
    }

    /// Receives a file that is not in the ledger.
    ///
    /// Returns its id, which nobody has seen when all is taken back.
    package func receive(_ arrival: LocalArrival) throws -> Int64 { try db.receive(arrival, at: time) }
}
