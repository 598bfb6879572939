import Foundation
import GRDB
package import Receivables

/// What the last snapshot of a type was: the head of its entries.
///
/// A manifest says which bytes stand for which row, under a fingerprint of all that their meaning depends on: the row
/// holds exactly what these bytes give, nothing was found against them, and nothing about them is open. It only ever
/// permits to skip work. Without one, or with a row more than is known, everything is judged as always.
package struct Manifest: Sendable {
    /// Under which number its entries lie.
    var generation: Int64
    /// The manifest of which they are changes; `nil` where they are all there is.
    var base: Int64?
    package var fingerprint: [UInt8]
    package var entries: Int
    /// The file that was loaded when it was written, or the last that was the same.
    package var file: Int64
    /// How many data rows that file has.
    package var rows: Int
    /// The highest id of the table then: later rows came from elsewhere.
    package var lastRow: Int64
    /// Whether the file closed what it did not name.
    package var didClear: Bool
    /// Whether a key stood in the file more than once: one pass will hardly do for the next one.
    package var hasRepetitions: Bool
}

extension Manifest {
    /// Forgets the entries that no manifest needs.
    static let sweep = """
        DELETE FROM manifest_block
         WHERE generation NOT IN (SELECT generation FROM manifest UNION
                                  SELECT base FROM manifest WHERE base IS NOT NULL);
        """
}

extension LoadTransaction {
    /// The manifest of a type, if there is one.
    package func manifest(of type: RecordType) throws -> Manifest? {
        try Row.fetchOne(db, sql: "SELECT * FROM manifest WHERE type = ?", arguments: [type.name]).map {
            row in
            Manifest(
                generation: row["generation"],
                base: row["base"],
                fingerprint: Array(row["fingerprint"] as Data),
                entries: row["entries"],
                file: row["file_id"],
                rows: row["rows"],
                lastRow: row["last_row"],
                didClear: row["did_clear"],
                hasRepetitions: row["has_repetitions"]
            )
        }
    }

    /// Whether nobody has written a row of the type since its manifest was written.
    package func isUntouched(_ type: RecordType, since manifest: Manifest) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT coalesce((SELECT max(id) FROM \(type.table)), 0) = :last
                       AND NOT EXISTS (SELECT 1 FROM manifest_touched WHERE type = :type)
                """,
            arguments: ["last": manifest.lastRow, "type": type.name]
        ) ?? false
    }

    /// The rows that somebody wrote since the manifest was written: what it says of them is void.
    package func touchedRows(of type: RecordType) throws -> Presence {
        var touched = Presence()
        let ids = try Int64.fetchCursor(
            db,
            sql: "SELECT id FROM manifest_touched WHERE type = ?",
            arguments: [type.name]
        )
        while let id = try ids.next() { touched.insert(id) }
        return touched
    }

    /// The entries of a manifest, in the order of its file.
    ///
    /// - Parameter perBlock: How many are read at a time where they are put together.
    package func entries(of manifest: Manifest, perBlock: Int) throws -> ManifestReader {
        let own = try ManifestBlocks(db, generation: manifest.generation)
        guard let base = manifest.base else { return ManifestReader(own) }
        return ManifestReader(
            try ManifestBlocks(db, generation: base),
            changes: own,
            perBlock: min(perBlock, manifest.entries)
        )
    }

    /// Begins a new manifest for the file in hand.
    ///
    /// - Parameters:
    ///   - perBlock: How many entries are stored in one piece.
    ///   - last: The manifest of which it may keep runs.
    ///   - perChange: How many entries there are, at least, for each entry and run that is written, to be stored as these.
    package func makeManifest(of type: RecordType, perBlock: Int, after last: Manifest?, perChange: Int)
        throws -> ManifestWriter
    {
        try ManifestWriter(
            db,
            type: type,
            perBlock: perBlock,
            base: last.map { $0.base ?? $0.generation },
            perChange: perChange
        )
    }

    /// Forgets what is known of a type.
    package func dropManifest(of type: RecordType) throws {
        try db.execute(
            sql: """
                DELETE FROM manifest WHERE type = :type;
                DELETE FROM manifest_touched WHERE type = :type;
                \(Manifest.sweep)
                """,
            arguments: ["type": type.name]
        )
    }

    /// Another file with the same content stands for the manifest from now on.
    package func passOnManifest(of type: RecordType) throws {
        try db.execute(sql: "UPDATE manifest SET file_id = ? WHERE type = ?", arguments: [file, type.name])
    }

    /// Whether the file in hand has the same bytes as another.
    package func isTwin(of other: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT a.sha256 = b.sha256 AND a.size = b.size FROM file a, file b WHERE a.file_id = ? AND b.file_id = ?
                """,
            arguments: [file, other]
        ) ?? false
    }

    /// What was noted of another file when it was loaded: its blank lines, and whether a line end is its last byte.
    package func figures(of other: Int64) throws -> (blank: Int, endedWithLineEnd: Bool) {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT rows_blank, final_line_end FROM file WHERE file_id = ?",
            arguments: [other]
        )
        return (row?["rows_blank"] ?? 0, row?["final_line_end"] ?? true)
    }

    /// What every fingerprint begins with: a secret of this ledger, so that nobody can make two records look alike, and
    /// the columns that the type's table has.
    package func fingerprintSeed(of type: RecordType) throws -> (secret: [UInt8], table: String) {
        let secret = try Data.fetchOne(db, sql: "SELECT secret FROM identity")
        let table = try String.fetchOne(
            db,
            sql: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?",
            arguments: [type.table]
        )
        var text = table ?? ""
        if text.contains("collector_email") {
            // Who is a user decides whether a row that stands unchanged has a warning.
            text += try String.fetchAll(db, sql: "SELECT lower(email) FROM user ORDER BY 1").joined(
                separator: " "
            )
        }
        return (secret.map { Array($0) } ?? [], text)
    }
}
