import Foundation
import GRDB
import Receivables

/// Writes the manifest of the file in hand, entry by entry in the order of the file.
///
/// While it is written there is no manifest of the type, so that what the load itself writes is not taken for
/// somebody else's doing.
package final class ManifestWriter {
    private let db: Database
    private let type: RecordType
    private let generation: Int64
    private let perBlock: Int
    /// What is noted: entries, and runs between them.
    private let parts: ManifestParts
    private var entries = 0
    private var runs = 0
    /// The generation whose entries the runs are.
    private let base: Int64?
    /// With fewer entries for each change, they are put together with what they change.
    private let perChange: Int

    init(_ db: Database, type: RecordType, perBlock: Int, base: Int64?, perChange: Int) throws {
        self.db = db
        self.perChange = perChange
        self.base = base
        self.perBlock = perBlock
        self.type = type
        generation =
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT 1 + max(coalesce((SELECT max(generation) FROM manifest), 0),
                                   coalesce((SELECT max(generation) FROM manifest_block), 0))
                    """
            ) ?? 1
        parts = ManifestParts(perPart: perBlock)
        try db.execute(sql: "DELETE FROM manifest WHERE type = ?", arguments: [type.name])
    }

    /// Notes that a record is a row.
    ///
    /// The row must hold exactly what the record's bytes give, nothing may have been found against it, and nothing that
    /// happens later in the load may change either.
    package func append(_ entry: ManifestEntry) throws {
        entries += 1
        try parts.append(entry)
    }

    /// Notes that records are what entries of the base say, which follow each other there and behind all runs before.
    package func append(runFrom place: UInt32, to end: UInt32) throws {
        entries += Int(end - place)
        runs += 1
        try parts.append(.run(from: place, to: end))
    }

    /// Closes the manifest; the one before it is forgotten.
    package func finish(
        fingerprint: [UInt8],
        file: Int64,
        rows: Int,
        didClear: Bool,
        hasRepetitions: Bool
    ) throws {
        let isChange = runs > 0 && parts.count * perChange <= entries
        try db.execute(
            sql: """
                INSERT INTO manifest (type, generation, base, fingerprint, entries, file_id, rows, last_row, did_clear,
                                      has_repetitions)
                VALUES (:type, :generation, :base, :fingerprint, :entries, :file, :rows,
                        coalesce((SELECT max(id) FROM \(type.table)), 0), :clear, :repetitions)
                """,
            arguments: [
                "type": type.name, "generation": generation, "base": isChange ? base : nil,
                "fingerprint": Data(fingerprint),
                "entries": entries, "file": file, "rows": rows, "clear": didClear,
                "repetitions": hasRepetitions,
            ]
        )
        try db.execute(sql: "DELETE FROM manifest_touched WHERE type = ?", arguments: [type.name])
        if let base, runs > 0, !isChange {
            try store(
                ManifestReader(
                    try ManifestBlocks(db, generation: base),
                    changes: parts,
                    perBlock: min(perBlock, entries)
                )
            )
            try db.execute(sql: Manifest.sweep)
        } else {
            // First, so that what comes has the room of what goes.
            try db.execute(sql: Manifest.sweep)
            try store(ManifestReader(parts))
        }
    }

    private func store(_ reader: ManifestReader) throws {
        let storing = try RawStatement(
            db,
            sql: "INSERT INTO manifest_block (generation, number, entries) VALUES (?, ?, ?)"
        )
        var number: Int64 = 0
        while let block = try reader.next() {
            defer {
                block.entries.deallocate()
                block.places?.deallocate()
            }
            storing.bind(generation, at: 1)
            storing.bind(number, at: 2)
            let entries = UnsafeBufferPointer(start: block.entries, count: block.count)
            storing.bind(lentBlob: UnsafeRawBufferPointer(entries), at: 3)
            try storing.run()
            number += 1
        }
    }
}
