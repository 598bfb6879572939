import GRDB
import GRDBSQLite

/// The pieces in which the entries of a manifest are stored, one after the other.
final class ManifestBlocks: ManifestSource {
    private let db: Database
    private let finding: RawStatement
    private let generation: Int64
    private var number: Int64 = 0

    /// - Parameter generation: Under which number they lie.
    init(_ db: Database, generation: Int64) throws {
        self.db = db
        self.generation = generation
        finding = try RawStatement(
            db,
            sql: "SELECT rowid FROM manifest_block WHERE number = ? AND generation = ?"
        )
    }

    func next(_ make: (Int) -> UnsafeMutablePointer<ManifestEntry>) throws -> Int? {
        finding.bind(number, at: 1)
        finding.bind(generation, at: 2)
        defer { finding.reset() }
        guard try finding.step(), let row = finding.integer(0) else { return nil }
        number += 1
        return try read(row, make)
    }

    /// Reads straight into memory; a statement would bring a copy of its own.
    private func read(_ row: Int64, _ make: (Int) -> UnsafeMutablePointer<ManifestEntry>) throws -> Int {
        var blob: OpaquePointer?
        try check(sqlite3_blob_open(db.sqliteConnection, "main", "manifest_block", "entries", row, 0, &blob))
        defer { sqlite3_blob_close(blob) }
        let count = Int(sqlite3_blob_bytes(blob)) / MemoryLayout<ManifestEntry>.stride
        try check(sqlite3_blob_read(blob, make(count), Int32(count * MemoryLayout<ManifestEntry>.stride), 0))
        return count
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
    }
}
