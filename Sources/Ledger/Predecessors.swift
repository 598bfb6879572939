import GRDB

/// The last file of a type that was applied: what a snapshot is measured against.
package struct LastApplied: Sendable {
    package var file: Int64
    package var rows: Int
    package var endedWithLineEnd: Bool
    /// `YYYY-MM-DD`, perhaps with a time, from its name.
    package var nameDate: String?
}

/// An earlier file with the same bytes.
package struct EarlierTwin: Sendable {
    package var file: Int64
    package var settledAt: String
}

extension LoadTransaction {
    /// The newest applied file of the type that is no correction.
    package func lastApplied(type: String) throws -> LastApplied? {
        let newest = try db.cachedStatement(
            sql: """
                SELECT file_id, coalesce(snapshot_rows, rows_total, 0) AS total, coalesce(final_line_end, 1) AS ended, name_date
                  FROM file
                 WHERE type = ? AND applied_seq IS NOT NULL AND file_id <> ? AND correction = 0
                   AND state IN ('loaded', 'loaded_with_errors', 'duplicate')
                 ORDER BY applied_seq DESC LIMIT 1
                """
        )
        return try Row.fetchOne(newest, arguments: [type, file]).map {
            LastApplied(
                file: $0["file_id"],
                rows: $0["total"],
                endedWithLineEnd: $0["ended"],
                nameDate: $0["name_date"]
            )
        }
    }

    /// The newest applied file of the type with the same bytes as this one.
    package func earlierTwin(type: String) throws -> EarlierTwin? {
        let newest = try db.cachedStatement(
            sql: """
                SELECT file_id, settled_at FROM file
                 WHERE sha256 = (SELECT sha256 FROM file WHERE file_id = :file) AND type = :type AND file_id <> :file
                   AND state IN ('loaded', 'loaded_with_errors', 'duplicate')
                 ORDER BY settled_at DESC LIMIT 1
                """
        )
        return try Row.fetchOne(newest, arguments: ["file": file, "type": type]).map {
            EarlierTwin(file: $0["file_id"], settledAt: $0["settled_at"])
        }
    }

    /// Whether a correction has been applied since this file was held.
    package func hasCorrection(type: String, since file: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM file WHERE type = ? AND correction = 1 AND file_id > ?
                                  AND state IN ('loaded', 'loaded_with_errors'))
                """,
            arguments: [type, file]
        ) ?? false
    }

    /// Whether the file failed or waits for a person, so that what it names cannot be trusted.
    package func isStopped(_ file: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT state IN ('failed', 'held', 'discarded')
                           OR EXISTS (SELECT 1 FROM row_issue i WHERE i.file_id = f.file_id AND code = 'absence_suspended')
                      FROM file f WHERE file_id = ?
                    """
            ),
            arguments: [file]
        ) ?? false
    }

    /// Whether the file has been dealt with already.
    package func isSettled(_ file: Int64) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT state <> 'received' FROM file WHERE file_id = ?"),
            arguments: [file]
        ) ?? true
    }
}
