import Foundation
import GRDB
package import Receivables

/// What the owners of contacts and lines were last said to have, as hashes: where a file says the same of an owner
/// again, nothing is to be done for it.
///
/// An entry permits to skip and does no more. It is made only for an owner whose rows were all applied without a
/// finding, and which have nothing about them that depends on their order or on what may change unseen. Whoever else
/// writes an owner's rows, or what they were judged by, voids its entry: triggers see to that
/// (``OwnerManifestTriggers``). While a load replaces the manifest there is none, so that they do nothing.
package final class OwnerManifest {
    /// An owner and the set of its rows.
    package struct Entry: Sendable {
        /// The hash of the owner; two owners may share one.
        package var owner: UInt64
        /// The hash of the set of its rows.
        package var set: (low: UInt64, high: UInt64)

        package init(owner: UInt64, set: (low: UInt64, high: UInt64)) {
            self.owner = owner
            self.set = set
        }
    }

    private static let size = 24
    /// How many entries lie in one blob.
    private static let page = 16_384

    private let db: Database
    private let type: String
    private let fingerprint: Data
    private let writing: RawStatement
    /// The blobs of before end with this one; those that are written follow it.
    private let last: Int64
    private var number: Int64
    private var written: [UInt8] = []

    /// Opens the manifest of a type to be replaced by a new one.
    ///
    /// - Parameter fingerprint: What the hashes are keyed by; entries under another are forgotten.
    init(_ db: Database, type: RecordType, fingerprint: [UInt8]) throws {
        self.db = db
        self.type = type.name
        self.fingerprint = Data(fingerprint)
        let stored = try Data.fetchOne(
            db,
            sql: "DELETE FROM owner_manifest WHERE type = ? RETURNING fingerprint",
            arguments: [type.name]
        )
        if stored != self.fingerprint {
            try db.execute(sql: "DELETE FROM owner_block WHERE type = ?", arguments: [type.name])
        }
        last =
            try Int64.fetchOne(
                db,
                sql: "SELECT max(number) FROM owner_block WHERE type = ?",
                arguments: [type.name]
            ) ?? 0
        number = last
        writing = try RawStatement(
            db,
            sql: "INSERT INTO owner_block (type, number, entries) VALUES (?, ?, ?)"
        )
    }

    /// Shows the owners whose entries are void.
    package func forEachTouched(_ body: (UnsafeRawBufferPointer) -> Void) throws {
        let touched = try RawStatement(db, sql: "SELECT owner FROM owner_touched WHERE type = ?")
        touched.bind(text: Array(type.utf8), at: 1)
        while try touched.step() { body(touched.bytes(0)) }
        touched.reset()
    }

    /// Reads the entries of before.
    package func reader() throws -> Reader { try Reader(db, type: type, upTo: last) }

    /// Reads entries in the order of the owners' hashes.
    package final class Reader {
        private let reading: RawStatement
        private let type: [UInt8]
        private let last: Int64
        private var number: Int64 = -1
        private var blob: [UInt8] = []
        private var offset = 0

        fileprivate init(_ db: Database, type: String, upTo last: Int64) throws {
            self.type = Array(type.utf8)
            self.last = last
            reading = try RawStatement(
                db,
                sql: """
                    SELECT number, entries FROM owner_block WHERE type = ? AND number > ? AND number <= ?
                     ORDER BY number LIMIT 1
                    """
            )
        }

        /// The next entry; `nil` behind the last.
        package func next() throws -> Entry? {
            if offset + OwnerManifest.size > blob.count, try !readBlob() { return nil }
            defer { offset += OwnerManifest.size }
            return blob.withUnsafeBytes { bytes in
                func word(_ place: Int) -> UInt64 {
                    UInt64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: offset + place, as: UInt64.self)
                    )
                }
                return Entry(owner: word(0), set: (word(8), word(16)))
            }
        }

        private func readBlob() throws -> Bool {
            defer { reading.reset() }
            reading.bind(text: type, at: 1)
            reading.bind(number, at: 2)
            reading.bind(last, at: 3)
            guard try reading.step() else { return false }
            number = reading.integer(0) ?? last
            blob.removeAll(keepingCapacity: true)
            blob.append(contentsOf: reading.bytes(1))
            offset = 0
            return blob.count >= OwnerManifest.size
        }
    }

    /// Adds an entry; they come in the order of the owners' hashes.
    package func append(_ entry: Entry) throws {
        for word in [entry.owner, entry.set.low, entry.set.high] {
            withUnsafeBytes(of: word.littleEndian) { written.append(contentsOf: $0) }
        }
        if written.count >= Self.page * Self.size { try writeBlob() }
    }

    private func writeBlob() throws {
        number += 1
        writing.bind(text: Array(type.utf8), at: 1)
        writing.bind(number, at: 2)
        try written.withUnsafeBytes { bytes in
            writing.bind(lentBlob: bytes, at: 3)
            try writing.run()
        }
        written.removeAll(keepingCapacity: true)
    }

    /// Puts what was added in the place of what there was.
    package func close() throws {
        if !written.isEmpty { try writeBlob() }
        try db.execute(
            sql: """
                DELETE FROM owner_block WHERE type = :type AND number <= :last;
                DELETE FROM owner_touched WHERE type = :type;
                INSERT INTO owner_manifest (type, fingerprint) VALUES (:type, :fingerprint);
                """,
            arguments: ["type": type, "last": last, "fingerprint": fingerprint]
        )
    }
}

extension LoadTransaction {
    package func ownerManifest(_ type: RecordType, fingerprint: [UInt8]) throws -> OwnerManifest {
        try OwnerManifest(db, type: type, fingerprint: fingerprint)
    }

    /// Shows the owners for which other files have rows parked.
    package func forEachParkedOwner(of type: RecordType, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let parked = try RawStatement(
            db,
            sql: "SELECT DISTINCT owner FROM parked_row WHERE type = ? AND file_id <> ? AND owner IS NOT NULL"
        )
        parked.bind(text: Array(type.name.utf8), at: 1)
        parked.bind(file, at: 2)
        while try parked.step() { body(parked.bytes(0)) }
        parked.reset()
    }
}
