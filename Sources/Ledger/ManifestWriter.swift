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
    /// Sets a block aside until the rows are through: between them it would be written, and be written again.
    private let inserting: RawStatement
    private let perBlock: Int
    private var block: [ManifestEntry] = []
    private var number: Int64 = 0
    private var entries = 0

    init(_ db: Database, type: RecordType, perBlock: Int) throws {
        self.db = db
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
        inserting = try RawStatement(
            db,
            sql: "INSERT INTO temp.manifest_part (number, entries) VALUES (?, ?)"
        )
        try db.execute(sql: "DELETE FROM temp.manifest_part")
        block.reserveCapacity(perBlock)
        try db.execute(sql: "DELETE FROM manifest WHERE type = ?", arguments: [type.name])
    }

    /// Notes that a record is a row.
    ///
    /// The row must hold exactly what the record's bytes give, nothing may have been found against it, and nothing that
    /// happens later in the load may change either.
    package func append(_ entry: ManifestEntry) throws {
        block.append(entry)
        if block.count == perBlock { try flush() }
    }

    /// Closes the manifest; the one before it is forgotten.
    package func finish(
        fingerprint: [UInt8],
        file: Int64,
        rows: Int,
        didClear: Bool,
        hasRepetitions: Bool
    ) throws {
        try flush()
        try db.execute(
            sql: """
                INSERT INTO manifest (type, generation, fingerprint, entries, file_id, rows, last_row, did_clear,
                                      has_repetitions)
                VALUES (:type, :generation, :fingerprint, :entries, :file, :rows,
                        coalesce((SELECT max(id) FROM \(type.table)), 0), :clear, :repetitions)
                """,
            arguments: [
                "type": type.name, "generation": generation, "fingerprint": Data(fingerprint),
                "entries": entries, "file": file, "rows": rows, "clear": didClear,
                "repetitions": hasRepetitions,
            ]
        )
        try db.execute(
            sql: """
                DELETE FROM manifest_touched WHERE type = :type;
                DELETE FROM manifest_block
                 WHERE generation <> :generation AND generation NOT IN (SELECT generation FROM manifest);
                INSERT INTO manifest_block (generation, number, entries)
                SELECT :generation, number, entries FROM temp.manifest_part ORDER BY number;
                DELETE FROM temp.manifest_part;
                """,
            arguments: ["type": type.name, "generation": generation]
        )
    }

    private func flush() throws {
        guard !block.isEmpty else { return }
        inserting.bind(number, at: 1)
        try block.withUnsafeBytes { entries in
            inserting.bind(lentBlob: entries, at: 2)
            try inserting.run()
        }
        number += 1
        entries += block.count
        block.removeAll(keepingCapacity: true)
    }
}
