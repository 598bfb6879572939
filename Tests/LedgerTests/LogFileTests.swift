import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

/// What is gathered of SQLite's log must never be missed by anybody.
struct LogFileTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private var path: String { "\(folder.path)/log.sqlite" }

    /// A connection with room for few pages, so that most of a transaction goes through the log before its end.
    private func open(synchronous: String) throws -> DatabaseQueue {
        try LogFile.install()
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
                try db.inSavepoint {
                    try Self.insert(3300..<4300, in: db)
                    return .rollback
                }
                try Self.insert(4300..<4400, in: db)
                return .commit
            }
        }
        let bytes = [0..<500, 3000..<3300, 4300..<4400].joined().map { $0 % 1500 + 1 }.reduce(0, +)
        let expected = "900 \(bytes) ok"
        #expect(try writer.read(Self.state) == expected)
        // A copy of both files, as another machine would find them after the power has failed.
        let other = try TemporaryFolder()
        for name in ["log.sqlite", "log.sqlite-wal"] {
            try FileManager.default.copyItem(
                atPath: "\(folder.path)/\(name)",
                toPath: "\(other.path)/\(name)"
            )
        }
        #expect(try DatabaseQueue(path: "\(other.path)/log.sqlite").read(Self.state) == expected)
        try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        #expect(try writer.read(Self.state) == expected)
    }
}
