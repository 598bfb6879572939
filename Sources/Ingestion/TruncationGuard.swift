import Ledger

/// Holds a snapshot that looks cut short or would clear too much, for a person to decide (`records.md` 5.2).
struct TruncationGuard {
    /// Why a snapshot is held, with the figures a person needs.
    struct Hold {
        /// `no_rows`, `cut_short`, `shrunk` or `share`.
        var rule: String
        var detail: [(key: String, value: JSONValue)]

        fileprivate init(_ rule: String, _ figures: KeyValuePairs<String, Int>) {
            self.rule = rule
            detail = [("guard", .text(rule))] + figures.map { ($0.key, .integer(Int64($0.value))) }
        }
    }

    let settings: LoadSettings
    let last: LastApplied?
    let open: OpenRecords

    /// What the file's own shape says, before anything is applied.
    ///
    /// - Parameters:
    ///   - rows: The data rows of the file, or of all parts of a united snapshot.
    func hold(_ figures: FileFigures, rows: Int) throws -> Hold? {
        guard let last else { return nil }
        if rows == 0 {
            let open = try open.count()
            return open > 0 ? Hold("no_rows", ["open": open, "last_rows": last.rows]) : nil
        }
        if !figures.endedWithLineEnd, last.endedWithLineEnd || figures.lastRowHasWrongCount {
            return Hold("cut_short", ["rows": rows, "last_rows": last.rows])
        }
        if last.rows >= settings.guardRows, Double(rows) < Double(last.rows) * settings.guardShrink {
            return Hold("shrunk", ["rows": rows, "last_rows": last.rows])
        }
        return nil
    }

    /// What applying the file would do to the open records.
    ///
    /// - Parameters:
    ///   - clearing: How many of them it closes.
    ///   - stored: How many records there were before, at least.
    ///   - inserted: How many it brings.
    func hold(clearing: Int, stored: Int, inserted: Int) throws -> Hold? {
        guard last != nil, clearing >= settings.guardRows,
            Double(clearing) > Double(open.atLeast(stored: stored)) * settings.guardShare
        else { return nil }
        let open = try open.count(inserted: inserted)
        guard Double(clearing) > Double(open) * settings.guardShare else { return nil }
        return Hold("share", ["would_clear": clearing, "open": open])
    }
}
