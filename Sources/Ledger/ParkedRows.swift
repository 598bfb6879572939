import Foundation
import GRDB

/// A row that waits for its parent.
package struct ParkedRow: Sendable {
    package var id: Int64
    package var place: RecordPlace
    package var key: [UInt8]
    package var owner: [UInt8]?
    /// The record as it was decoded, without its line end.
    package var bytes: [UInt8]
}

/// A file that has parked rows, with what is needed to read them.
package struct ParkingFile: Sendable {
    package var file: Int64
    package var run: Int64?
    package var name: String
    package var header: [UInt8]
    package var delimiter: String
}

/// Which parked rows a newer file ends.
package enum ParkingEnd: Sendable {
    /// All of the type: a newer snapshot has been applied.
    case all
    /// Those with this key.
    case key([UInt8])
    /// Those of this owner.
    case owner([UInt8])
}

extension LoadTransaction {
    package func park(
        type: String,
        at place: RecordPlace,
        key: [UInt8],
        owner: [UInt8]?,
        bytes: [UInt8],
        until expiry: Timestamp
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO parked_row (file_id, type, record, line, byte_offset, key, owner, record_bytes, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                file, type, place.record, place.line, place.byteOffset, Data(key), owner.map { Data($0) },
                Data(bytes),
                expiry.text,
            ]
        )
    }

    /// Whether the file of a parked row was taken up before this one.
    private static let cameBefore = """
        (SELECT min(seq) FROM event e WHERE e.file_id = parked_row.file_id AND \(isFirst))
        < (SELECT min(seq) FROM event e WHERE e.file_id = :file AND \(isFirst))
        """
    private static let isFirst = "(e.event = 'file.held' OR e.event LIKE 'file.loaded%')"

    /// Whether any row of the type is parked by another file; asked before each key is looked up.
    package func hasParked(type: String) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM parked_row WHERE type = ? AND file_id <> ?)"
            ),
            arguments: [type, file]
        ) ?? false
    }

    /// Ends the parking of other files' rows: they count as rejected from now on.
    ///
    /// - Parameter companions: Files whose rows stay parked.
    package func endParking(
        type: String,
        _ end: ParkingEnd,
        except companions: Set<Int64>,
        run: Int64?
    ) throws {
        let condition: String
        var arguments: StatementArguments = ["type": type, "file": file, "late": isLate]
        switch end {
        case .all: condition = "1"
        case .key(let key):
            condition = "key = :value"
            arguments += ["value": Data(key)]
        case .owner(let owner):
            condition = "owner = :value"
            arguments += ["value": Data(owner)]
        }
        let rows = try db.cachedStatement(
            sql: """
                SELECT parked_id, file_id FROM parked_row
                 WHERE type = :type AND file_id <> :file AND (NOT :late OR \(Self.cameBefore)) AND \(condition)
                """
        )
        let ended = try Row.fetchAll(rows, arguments: arguments).filter {
            !companions.contains($0["file_id"])
        }
        guard !ended.isEmpty else { return }
        let delete = try db.cachedStatement(sql: "DELETE FROM parked_row WHERE parked_id = ?")
        for row in ended { try delete.execute(arguments: [row["parked_id"] as Int64]) }
        let files = ended.map { $0["file_id"] as Int64 }
        try db.expire(files, type: type, reason: "newer_file", run: run, at: time)
    }

    /// The newest parked row of each key of one file, in file order, a page at a time.
    ///
    /// - Parameter record: Only rows behind this record.
    package func parkedRows(of file: Int64, type: String, after record: Int64, limit: Int = 1000) throws
        -> [ParkedRow]
    {
        try Row.fetchAll(
            db,
            sql: """
                SELECT parked_id, record, line, byte_offset, key, owner, record_bytes FROM parked_row p
                 WHERE file_id = ? AND type = ? AND record > ?
                 ORDER BY record LIMIT ?
                """,
            arguments: [file, type, record, limit]
        ).map { row in
            ParkedRow(
                id: row["parked_id"],
                place: RecordPlace(record: row["record"], line: row["line"], byteOffset: row["byte_offset"]),
                key: Array(row["key"] as Data),
                owner: (row["owner"] as Data?).map { Array($0) },
                bytes: Array(row["record_bytes"] as Data)
            )
        }
    }

    /// The newest finding so far; those of a judgement that follows come behind it.
    package func lastFinding() throws -> Int64 {
        try IssueLog.last(in: db)
    }

    /// A parked row of this file has been judged again and is parked no longer; the errors of then go.
    ///
    /// - Parameter finding: The newest finding before the judgement.
    package func unpark(record: Int64, before finding: Int64) throws {
        try db.execute(
            sql: """
                DELETE FROM parked_row WHERE file_id = :file AND record = :record;
                DELETE FROM row_issue
                 WHERE file_id = :file AND record = :record AND severity = 'error' AND rowid <= :finding;
                """,
            arguments: ["file": file, "record": record, "finding": finding]
        )
    }

    /// Moves judged rows from parked to what became of them, and says so.
    package func settleHealed(_ counts: RowCounts, parking: ParkingFile, type: String, run: Int64?) throws {
        try db.execute(
            sql: """
                UPDATE file SET rows_parked = rows_parked - :judged, rows_inserted = rows_inserted + :inserted,
                                rows_updated = rows_updated + :updated, rows_unchanged = rows_unchanged + :unchanged,
                                rows_rejected = rows_rejected + :rejected, rows_healed = coalesce(rows_healed, 0) + :healed,
                                warnings = coalesce(warnings, 0) + :warnings
                 WHERE file_id = :file
                """,
            arguments: [
                "judged": counts.total, "inserted": counts.inserted, "updated": counts.updated,
                "unchanged": counts.unchanged, "rejected": counts.rejected,
                "healed": counts.total - counts.rejected, "warnings": issues.warningCount,
                "file": parking.file,
            ]
        )
        var event = Event(
            .rowsHealed,
            run: run,
            file: parking.file,
            [
                "name": .text(parking.name), "type": .text(type),
                "healed": .integer(Int64(counts.total - counts.rejected)),
            ]
        )
        event.detail += counts.detail
        try append(event)
    }
}

extension Ledger {
    /// The files that have parked rows of a type, oldest first.
    package func parkingFiles(type: String) throws -> [ParkingFile] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT file_id, run_id, name, header, delimiter FROM file f
                     WHERE header IS NOT NULL AND delimiter IS NOT NULL
                       AND EXISTS (SELECT 1 FROM parked_row p WHERE p.file_id = f.file_id AND p.type = ?)
                     ORDER BY (SELECT min(seq) FROM event e WHERE e.file_id = f.file_id AND e.event LIKE 'file.loaded%')
                    """,
                arguments: [type]
            ).map { row in
                ParkingFile(
                    file: row["file_id"],
                    run: row["run_id"],
                    name: row["name"],
                    header: Array(row["header"] as Data),
                    delimiter: row["delimiter"]
                )
            }
        }
    }

    /// Ends the parking of rows whose time is over.
    ///
    /// - Returns: How many.
    @discardableResult
    package func expireParkedRows(run: Int64?, at time: Timestamp) throws -> Int {
        try write { db in
            let rows = try Row.fetchAll(
                db,
                sql: "DELETE FROM parked_row WHERE expires_at <= ? RETURNING file_id, type",
                arguments: [time.text]
            )
            for (type, files) in Dictionary(grouping: rows, by: { $0["type"] as String }).sorted(by: {
                $0.key < $1.key
            }) {
                try db.expire(files.map { $0["file_id"] }, type: type, reason: "park_for", run: run, at: time)
            }
            return rows.count
        }
    }
}

extension Database {
    /// Counts rows that were parked as rejected, file by file.
    ///
    /// - Parameter files: The file of each row.
    fileprivate func expire(_ files: [Int64], type: String, reason: String, run: Int64?, at time: Timestamp)
        throws
    {
        for (file, rows) in Dictionary(grouping: files, by: { $0 }).sorted(by: { $0.key < $1.key }) {
            try execute(
                sql: """
                    UPDATE file SET rows_parked = rows_parked - :count, rows_rejected = rows_rejected + :count
                    WHERE file_id = :file
                    """,
                arguments: ["count": rows.count, "file": file]
            )
            let name = try String.fetchOne(
                self,
                sql: "SELECT name FROM file WHERE file_id = ?",
                arguments: [file]
            )
            try append(
                Event(
                    .rowsExpired,
                    run: run,
                    file: file,
                    [
                        "name": name.map { .text($0) }, "type": .text(type), "reason": .text(reason),
                        "rows": .integer(Int64(rows.count)),
                    ]
                ),
                at: time
            )
        }
    }
}
