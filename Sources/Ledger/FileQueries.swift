import GRDB

/// The files of the ledger, for people who ask.
package struct FileQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Files, newest first; `state` and `type` narrow it down.
    package func list(state: String? = nil, type: String? = nil, limit: Int) throws -> [FileRow] {
        try fetch(
            "WHERE (:state IS NULL OR state = :state) AND (:type IS NULL OR type = :type) ORDER BY file_id DESC LIMIT :limit",
            ["state": state, "type": type, "limit": limit]
        )
    }

    /// The file of an id.
    package func file(_ id: Int64) throws -> FileRow? {
        try fetch("WHERE file_id = :id", ["id": id]).first
    }

    /// Every appearance of a name or path, as the ledger shows it, newest first.
    package func named(_ name: String) throws -> [FileRow] {
        try fetch("WHERE name = :name OR path_text = :name ORDER BY file_id DESC", ["name": name])
    }

    /// Names that were seen lately, newest first, each once.
    package func recentNames(limit: Int) throws -> [String] {
        try ledger.pool.read { db in
            try String.fetchAll(
                db,
                sql: "SELECT name FROM file GROUP BY name ORDER BY max(file_id) DESC LIMIT ?",
                arguments: [limit]
            )
        }
    }

    /// The issues of a file in the order of its rows, at most `limit` of them.
    package func issues(of file: Int64, severity: String? = nil, limit: Int) throws -> [IssueRow] {
        try ledger.pool.read { db in try Self.issues(of: file, severity: severity, limit: limit, in: db) }
    }

    static func issues(of file: Int64, severity: String? = nil, limit: Int, in db: Database) throws
        -> [IssueRow]
    {
        try Row.fetchAll(
            db,
            sql: """
                SELECT line, record, severity, code, column_name, message FROM row_issue
                WHERE file_id = ? AND (? IS NULL OR severity = ?) ORDER BY record, rowid LIMIT ?
                """,
            arguments: [file, severity, severity, limit]
        ).map(IssueRow.init)
    }

    /// What stopped each of these files that is held, in words, by file.
    package func guards(of files: [FileRow]) throws -> [Int64: String] {
        let held = files.filter { $0.state == FileState.held.rawValue }
        guard !held.isEmpty else { return [:] }
        return try ledger.pool.read { db in
            let looking = try db.cachedStatement(
                sql:
                    "SELECT detail FROM event WHERE file_id = ? AND event = 'file.held' ORDER BY seq DESC LIMIT 1"
            )
            let pairs = try held.map { file in
                (file.id, guardClause(try String.fetchOne(looking, arguments: [file.id])))
            }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    private func fetch(_ condition: String, _ arguments: StatementArguments) throws -> [FileRow] {
        try ledger.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM file \(condition)", arguments: arguments).map(
                FileRow.init
            )
        }
    }
}

/// One appearance of a file, as people are shown it: names are escaped.
package struct FileRow: Sendable {
    package let id: Int64
    package let run: Int64?
    package let type: String?
    package let name: String
    package let path: String
    package let size: Int64?
    /// An opaque token of the server.
    package let mtime: Int64?
    package let sha256: String?
    package let state: String
    package let reason: String?
    package let firstSeenAt: String
    package let receivedAt: String?
    package let settledAt: String?
    package let attempt: Int64
    package let total: Int64?
    package let inserted: Int64?
    package let updated: Int64?
    package let unchanged: Int64?
    package let rejected: Int64?
    package let parked: Int64?
    package let cleared: Int64?
    package let deleted: Int64?
    package let warnings: Int64?

    init(row: Row) {
        id = row["file_id"]
        run = row["run_id"]
        type = row["type"]
        name = row["name"]
        path = row["path_text"]
        size = row["size"]
        mtime = row["mtime"]
        sha256 = row["sha256"]
        state = row["state"]
        reason = row["reason"]
        firstSeenAt = row["first_seen_at"]
        receivedAt = row["received_at"]
        settledAt = row["settled_at"]
        attempt = row["attempt"]
        total = row["rows_total"]
        inserted = row["rows_inserted"]
        updated = row["rows_updated"]
        unchanged = row["rows_unchanged"]
        rejected = row["rows_rejected"]
        parked = row["rows_parked"]
        cleared = row["rows_cleared"]
        deleted = row["rows_deleted"]
        warnings = row["warnings"]
    }
}

/// What is wrong with a row, or with a file.
package struct IssueRow: Sendable {
    package let line: Int64?
    package let record: Int64?
    package let severity: String
    package let code: String
    package let column: String?
    package let message: String

    init(row: Row) {
        line = row["line"]
        record = row["record"]
        severity = row["severity"]
        code = row["code"]
        column = row["column_name"]
        message = row["message"]
    }
}
