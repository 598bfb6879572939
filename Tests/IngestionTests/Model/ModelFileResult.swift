/// One finding about a file (`record` nil) or one of its rows.
struct ModelIssue: Hashable {
    enum Severity { case error, warning }

    var record: Int?
    var severity: Severity
    var code: String
    var column: String?
}

/// What the view `files` and the row issues must say of one file.
struct ModelFileResult {
    /// The number of the batch that brought it, from 0.
    let batch: Int
    let type: String
    let name: String
    var state = "received"
    var reason: String?
    var total = 0
    var inserted = 0
    var updated = 0
    var unchanged = 0
    var rejected = 0
    var parked = 0
    var cleared = 0
    var deleted = 0

    /// CLEARED invoices that came back: told in events, not in the view.
    var reopened = 0
    var issues: [ModelIssue] = []

    var warnings: Int { issues.count { $0.severity == .warning } }

    /// Whether the file was applied, in whole or in part.
    var isApplied: Bool { ["loaded", "loaded_with_errors", "duplicate"].contains(state) }

    /// Counts what became of a row, and keeps what was found.
    mutating func add(_ row: ModelRow) {
        switch row.fate {
        case .inserted: inserted += 1
        case .updated: updated += 1
        case .unchanged: unchanged += 1
        case .parked: parked += 1
        case .rejected, .undecided: rejected += 1
        }
        let record = row.source.record
        issues += row.errors.map {
            ModelIssue(record: record, severity: .error, code: $0.code, column: $0.column)
        }
        issues += row.warnings.map {
            ModelIssue(record: record, severity: .warning, code: $0.code, column: $0.column)
        }
    }

    mutating func warn(_ code: String, column: String? = nil) {
        issues.append(ModelIssue(severity: .warning, code: code, column: column))
    }

    mutating func fail(_ code: String) {
        state = "failed"
        reason = code
        issues = [ModelIssue(severity: .error, code: code)]
    }
}
