import CSQLite
import Foundation
import GRDB
import GRDBSQLite
import TestSupport
import Testing

@testable import Ledger

/// What is gathered of SQLite's log must never be missed by anybody, nor of a checkpoint.
struct GatheredFileTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path("log.sqlite") }

    /// A connection with room for few pages, so that most of a transaction goes through the log before its end.
    private func open(synchronous: String) throws -> DatabaseQueue {
        try GatheredFiles.install()
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous); PRAGMA cache_size = 16;
                    PRAGMA wal_autocheckpoint = 0;
                    CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b BLOB, c TEXT UNIQUE);
                    """
            )
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func insert(_ rows: Range<Int>, in db: Database) throws {
        for row in rows {
            // Keys in no order, so that pages are written, read and written again.
            try db.execute(
                sql: "INSERT INTO t VALUES (?, randomblob(?), ?)",
                arguments: [row, row % 1500 + 1, "\(row * 7919 % 10007)"]
            )
        }
    }

    private static func state(of db: Database) throws -> String {
        let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM t") ?? -1
        let bytes = try Int.fetchOne(db, sql: "SELECT coalesce(sum(length(b)), 0) FROM t") ?? -1
        let health = try String.fetchOne(db, sql: "PRAGMA integrity_check") ?? ""
        return "\(rows) \(bytes) \(health)"
    }

    @Test(arguments: ["FULL", "NORMAL", "OFF"])
    func `others see a large transaction whole after its commit, and nothing before`(mode: String) throws {
        let writer = try open(synchronous: mode)
        let reader = try open(synchronous: mode)
        try writer.write { db in
            try Self.insert(0..<4000, in: db)
            #expect(try reader.read(Self.state) == "0 0 ok")
        }
        let bytes = (0..<4000).map { $0 % 1500 + 1 }.reduce(0, +)
        #expect(try reader.read(Self.state) == "4000 \(bytes) ok")
        #expect(try writer.read(Self.state) == "4000 \(bytes) ok")
    }

    @Test(arguments: ["FULL", "NORMAL", "OFF"])
    func `what was taken back leaves nothing behind in the log`(mode: String) throws {
        let writer = try open(synchronous: mode)
        try writer.write { db in try Self.insert(0..<500, in: db) }
        try writer.writeWithoutTransaction { db in
            try db.inTransaction {
                try Self.insert(500..<3000, in: db)
                return .rollback
            }
            try db.inTransaction {
                try Self.insert(3000..<3300, in: db)
                try Self.insert(4300..<4400, in: db)
                return .commit
            }
        }
        let bytes = [0..<500, 3000..<3300, 4300..<4400].joined().map { $0 % 1500 + 1 }.reduce(0, +)
        let expected = "900 \(bytes) ok"
        #expect(try writer.read(Self.state) == expected)
        let found = try Self.recovered(from: path)
        #expect(found == expected)
        try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        #expect(try writer.read(Self.state) == expected)
    }

    @Test func `a reader keeps what it sees through a checkpoint, and sees the rest afterwards`() throws {
        let writer = try open(synchronous: "FULL")
        let reader = try open(synchronous: "FULL")
        try writer.write { db in try Self.insert(0..<700, in: db) }
        func bytes(_ rows: Range<Int>) -> Int { rows.map { $0 % 1500 + 1 }.reduce(0, +) }
        let before = "700 \(bytes(0..<700)) ok"
        try reader.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN")
            #expect(try Self.state(of: db) == before)
            try writer.write { db in try Self.insert(700..<3000, in: db) }
            // Only the first transaction can be copied.
            try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
            #expect(try Self.state(of: db) == before)
            try db.execute(sql: "COMMIT")
        }
        let after = "3000 \(bytes(0..<3000)) ok"
        #expect(try reader.read(Self.state) == after)
        try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        #expect(try reader.read(Self.state) == after)
        #expect(try Self.recovered(from: path) == after)
    }

    @Test func `each checkpoint copies what was written since the one before`() throws {
        let writer = try open(synchronous: "FULL")
        try writer.write { db in try Self.insert(0..<2000, in: db) }
        for round in 1...4 {
            try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
            try writer.write { db in
                // Pages that went to the log early are written again, so that its sums are made anew.
                try db.execute(
                    sql: "UPDATE t SET b = zeroblob(?) WHERE a % 3 = ?",
                    arguments: [round * 300, round % 3]
                )
                try db.execute(
                    sql: "UPDATE t SET b = randomblob(?) WHERE a % 7 = 1",
                    arguments: [round * 100]
                )
            }
            let expected = try writer.read(Self.state)
            #expect(try Self.recovered(from: path) == expected)
            try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
            // What the database holds without its log.
            let alone = folder.path("alone\(round).sqlite")
            try FileManager.default.copyItem(atPath: path, toPath: alone)
            #expect(try DatabaseQueue(path: alone).read(Self.state) == expected)
        }
    }

    private static let time = Timestamp(milliseconds: 1_800_000_000_000)

    private func ledger() throws -> (ledger: Ledger, path: String) {
        let path = folder.path("ledger.sqlite")
        let drop = Drop(name: "acme", inboxURL: "file:///in")
        return (try Ledger.open(path: path, drop: drop, owner: "test", time: Self.time), path)
    }

    @Test func `what was committed after an attempt was taken back can be read after a crash`() throws {
        let (ledger, path) = try ledger()
        try ledger.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 16;
                    CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c TEXT UNIQUE);
                    """
            )
        }
        try ledger.load(file: 1, at: Self.time) { transaction in
            try Self.insert(0..<10, in: transaction.db)
            try transaction.attempt {
                try Self.insert(10..<2000, in: transaction.db)
                return false
            }
            try Self.insert(2000..<2010, in: transaction.db)
        }
        let bytes = [0..<10, 2000..<2010].joined().map { $0 % 1500 + 1 }.reduce(0, +)
        #expect(try ledger.pool.read(Self.state) == "20 \(bytes) ok")
        let found = try Self.recovered(from: path)
        #expect(found == "20 \(bytes) ok")
    }

    @Test func `too large an attempt is kept, or ends its transaction, or was a trial`()
        throws
    {
        let (ledger, _) = try ledger()
        try ledger.pool.writeWithoutTransaction { db in try db.execute(sql: "CREATE TABLE t (b BLOB)") }
        // 72 MB: more than an attempt may keep in memory.
        let many = """
            WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < 72)
            INSERT INTO t SELECT zeroblob(1000000) FROM row
            """
        func takeBack(in transaction: LoadTransaction) throws {
            try transaction.attempt {
                try transaction.db.execute(sql: many)
                return false
            }
        }
        #expect(throws: LoadTransaction.TooLargeToTakeBack.self) {
            try ledger.load(file: 1, at: Self.time) { transaction in try takeBack(in: transaction) }
        }
        try ledger.rehearse(at: Self.time) { stage in try takeBack(in: stage.begin(1)) }
        try ledger.load(file: 1, at: Self.time, isTrial: true) { transaction in try takeBack(in: transaction)
        }
        #expect(try ledger.pool.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM t") } == 0)
        try ledger.load(file: 1, at: Self.time) { transaction in
            try transaction.attempt {
                try transaction.db.execute(sql: many)
                return true
            }
        }
        #expect(try ledger.pool.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM t") } == 72)
    }

    @Test func `the descriptor that gets advice is that of the file that was opened`() throws {
        try GatheredFiles.install()
        _ = ld_take_descriptor()
        var db: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // SQLite's own files, below ours, which would take it.
        #expect(sqlite3_open_v2(path, &db, flags, "unix") == SQLITE_OK)
        defer { sqlite3_close(db) }
        let link = "/proc/self/fd/\(ld_take_descriptor())"
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(ld_take_descriptor() == -1)
    }

    /// What another machine finds in a copy of the database and its log, as after a crash.
    private static func recovered(from path: String) throws -> String {
        let other = try TemporaryFolder()
        let copy = other.path("copy.sqlite")
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return try DatabaseQueue(path: copy).read(state)
    }
}
