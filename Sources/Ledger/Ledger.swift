import Foundation
package import GRDB
import GRDBSQLite
import Synchronization
import Threads

/// The SQLite database of one drop: the truth about its files, its rows and everything that happened.
///
/// One process writes (the kernel lock and the lease see to it); anybody may read at any time. Other modules reach
/// it through the faces beside this file (``FileLedger``, ``EventLedger``, …), which hold all SQL.
package final class Ledger: Sendable {
    package let pool: DatabasePool
    /// Identifies this ledger for ever; part of every Message-ID.
    package let uuid: String
    package let dropName: String
    /// Checked inside every load: a ledger taken over by another process does not commit.
    package let fence: Int64
    /// Whether the writing connection stays as loads want it.
    let isReadyForLoads = Atomic(false)

    private init(pool: DatabasePool, uuid: String, dropName: String, fence: Int64) {
        self.pool = pool
        self.uuid = uuid
        self.dropName = dropName
        self.fence = fence
    }

    /// The largest schema version this program knows.
    package static var schemaVersion: Int { Migrations.all.migrations.count }
    /// "LDGR": marks a SQLite file as ours.
    static let applicationID: Int32 = 0x4c44_4752

    /// Opens the ledger for writing, and makes or extends it where needed.
    ///
    /// - Parameters:
    ///   - path: Where `ledger.sqlite` lies; its folder exists.
    ///   - drop: Whose ledger it is.
    ///   - owner: A random id of this process, for the lease.
    ///   - time: Now.
    /// - Throws: ``LedgerFailure``, ``LedgerDamaged`` or `DatabaseError`; then nothing was changed.
    package static func open(
        path: String,
        drop: Drop,
        owner: String,
        time: Timestamp,
    ) throws -> Ledger {
        try GatheredFiles.install()
        let isNew = !FileManager.default.fileExists(atPath: path)
        let pool = try DatabasePool(path: path, configuration: connection(readOnly: false))
        if isNew {
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        }
        let foreign = try pool.writeWithoutTransaction { db in
            try refuseForeign(db, path: path)
            try SchemaSeal.check(db)
            // Every commit is durable. Said here as well: a pool turns to NORMAL when it turns to WAL, and a commit
            // that a power loss takes back may already have moved its file on the server.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // Before the first table, so that one whose making was interrupted is known as ours.
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            return try SchemaSeal.foreignNames(db)
        }
        try Migrations.all.migrate(pool)
        return try pool.write { db in
            try db.execute(sql: "PRAGMA user_version = \(schemaVersion)")
            try RecordTables.extend(db)
            try ManifestTriggers.make(db)
            try BalanceTriggers.make(db)
            try RecordViews.recreate(db, settings: drop.views)
            try StateViews.recreate(db)
            try SchemaSeal.renew(db, besides: foreign)
            let uuid = try identify(db, drop: drop, time: time)
            let fence = try Lease.claim(db, drop: drop.name, owner: owner, time: time)
            return Ledger(pool: pool, uuid: uuid, dropName: drop.name, fence: fence)
        }
    }

    /// Forgets the pages it keeps in memory; waits for what is at work.
    package func releaseMemory() { pool.releaseMemory() }

    /// Brings all that is committed from the write-ahead log into the database file, unless somebody reads it just now.
    ///
    /// For the end of a process: when its last connection closes is a matter of which thread lets go last, and the process may
    /// have ended by then.
    package func foldLog() throws {
        try pool.writeWithoutTransaction { db in
            let patience = try Int.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
            try db.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(patience)") }
            try db.checkpoint(.truncate)
        }
    }

    /// Opens the ledger for queries alone; works while a daemon writes, and changes nothing.
    ///
    /// - Throws: ``LedgerFailure/missing(_:)`` also for one whose making was interrupted; else why it cannot be read.
    package static func openReadOnly(path: String) throws -> Ledger {
        guard FileManager.default.fileExists(atPath: path) else { throw LedgerFailure.missing(path) }
        do {
            return try existing(path: path)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_READONLY {
            // A rollback journal waits for somebody who may write; there is one only until the ledger is in WAL mode.
            throw LedgerFailure.missing(path)
        }
    }

    private static func existing(path: String) throws -> Ledger {
        let pool = try DatabasePool(path: path, configuration: connection(readOnly: true))
        return try pool.read { db in
            try refuseForeign(db, path: path)
            try SchemaSeal.check(db)
            // The identity is made in one transaction with the views; before it there is nothing to read.
            guard try db.tableExists("identity"),
                let row = try Row.fetchOne(db, sql: "SELECT uuid, drop_name FROM identity")
            else { throw LedgerFailure.missing(path) }
            return Ledger(pool: pool, uuid: row["uuid"], dropName: row["drop_name"], fence: 0)
        }
    }

    static func connection(readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        // Closing a connection goes through libdispatch's pool of threads, which from then on never sleeps for long.
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA mmap_size = 0;
                    PRAGMA cache_size = \(db.configuration.readonly ? -2048 : -8192);
                    PRAGMA journal_size_limit = \(GatheredFile.keptLog);
                    """
            )
            // Whichever thread asks for it, and however long one statement takes.
            sqlite3_progress_handler(
                db.sqliteConnection,
                500,
                { _ in
                    StandingBack.giveWay()
                    return 0
                },
                nil
            )
        }
        return configuration
    }

    static func refuseForeign(_ db: Database, path: String) throws {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard application == applicationID || tables == 0 else { throw LedgerFailure.notOurs(path) }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= schemaVersion else { throw LedgerFailure.newer(version) }
    }

    private static func identify(_ db: Database, drop: Drop, time: Timestamp) throws -> String {
        if let row = try Row.fetchOne(db, sql: "SELECT uuid, drop_name FROM identity") {
            let name: String = row["drop_name"]
            guard name == drop.name else { throw LedgerFailure.otherDrop(name) }
            return row["uuid"]
        }
        let uuid = UUID().uuidString.lowercased()
        try db.execute(
            sql: """
                INSERT INTO identity (one, uuid, drop_name, inbox_url, created_at)
                VALUES (1, ?, ?, ?, ?)
                """,
            arguments: [uuid, drop.name, drop.inboxURL, time.text]
        )
        return uuid
    }
}

/// Whose ledger it is, and how its views show what files leave out.
package struct Drop: Sendable {
    package var name: String
    package var inboxURL: String
    package var views: ViewSettings

    package init(name: String, inboxURL: String, views: ViewSettings = ViewSettings()) {
        self.name = name
        self.inboxURL = inboxURL
        self.views = views
    }
}

/// Settings of the drop that the views show as defaults.
package struct ViewSettings: Sendable {
    /// IANA name; the default of a subsidiary's time zone.
    package var zone = "UTC"
    /// ISO 4217 code; the default of a subsidiary's currency and the currency of `reporting_*` columns.
    package var reportingCurrency: String?
    /// `unapplied: file`: show the file's unapplied amount rather than the recomputed one.
    package var unappliedFromFile = false

    package init(zone: String = "UTC", reportingCurrency: String? = nil, unappliedFromFile: Bool = false) {
        self.zone = zone
        self.reportingCurrency = reportingCurrency
        self.unappliedFromFile = unappliedFromFile
    }
}

/// Why a ledger cannot be used at all.
package enum LedgerFailure: Error, Sendable, Equatable {
    case missing(String)
    /// A SQLite file of another program.
    case notOurs(String)
    /// Written by a newer version of this program.
    case newer(Int)
    /// Belongs to the drop of this name.
    case otherDrop(String)
    /// Another process has taken the ledger over; nothing of the transaction in hand was written.
    case leaseLost
    /// Another host holds the lease until then (seconds of the epoch).
    case leaseHeld(host: String, until: Int64)
}
