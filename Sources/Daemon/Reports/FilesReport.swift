package import Ledger

/// `ledgerdrop files`: the files that were seen, newest first.
package struct FilesReport: Report {
    private let files: [FileRow]
    private let now: Timestamp

    package init(_ files: [FileRow], now: Timestamp) {
        self.files = files
        self.now = now
    }

    package var text: String {
        var table = TextTable(
            ["id", "type", "name", "size", "seen", "rows", "rejected", "parked", "state", "reason"],
            numbers: [0, 3, 5, 6, 7]
        )
        for file in files {
            table.add([
                "\(file.id)", file.type ?? "-", DisplayText(file.name).escaped, Shown.size(file.size),
                Shown.time(file.firstSeenAt, now: now), file.total.map { "\($0)" } ?? "",
                file.rejected.map { "\($0)" } ?? "", file.parked.map { "\($0)" } ?? "", file.state,
                file.reason ?? "",
            ])
        }
        return table.text
    }

    package var json: String { JSONValue.list(files.map(\.jsonValue)).json }
}

extension FileRow {
    /// The columns of the view `files` under the same names.
    var jsonValue: JSONValue {
        let texts: [(String, String?)] = [
            ("type", type), ("name", name), ("path", path), ("sha256", sha256), ("state", state),
            ("reason", reason),
            ("first_seen_at", firstSeenAt), ("received_at", receivedAt), ("settled_at", settledAt),
        ]
        let numbers: [(String, Int64?)] = [
            ("size", size), ("attempt", attempt), ("rows_total", total), ("rows_inserted", inserted),
            ("rows_updated", updated), ("rows_unchanged", unchanged), ("rows_rejected", rejected),
            ("rows_parked", parked), ("rows_cleared", cleared), ("rows_deleted", deleted),
            ("warnings", warnings),
        ]
        var members: [(key: String, value: JSONValue)] = [("file_id", .integer(id))]
        if let run { members.append(("run_id", .integer(run))) }
        members += texts.compactMap { name, text in text.map { (name, .text($0)) } }
        members += numbers.compactMap { name, number in number.map { (name, .integer($0)) } }
        return .object(members)
    }

    /// How its rows stand now; empty before a load.
    var sum: String {
        Self.sum { name in
            switch name {
            case "total": total
            case "inserted": inserted
            case "updated": updated
            case "unchanged": unchanged
            case "rejected": rejected
            case "parked": parked
            case "cleared": cleared
            case "deleted": deleted
            case "warnings": warnings
            default: nil
            }
        }
    }

    /// `1204 rows = 31 inserted + 40 updated + 1131 unchanged + 2 rejected; 17 cleared`, of counts by their names.
    static func sum(_ count: (String) -> Int64?) -> String {
        guard let total = count("total") else { return "" }
        func parts(_ names: [String]) -> [String] {
            names.compactMap { name in count(name).flatMap { $0 > 0 ? "\($0) \(name)" : nil } }
        }
        let summands = parts(["inserted", "updated", "unchanged", "rejected", "parked"])
        let rows = total == 1 ? "1 row" : "\(total) rows"
        let sum = summands.isEmpty ? rows : "\(rows) = \(summands.joined(separator: " + "))"
        let warnings = count("warnings") == 1 ? ["1 warning"] : parts(["warnings"])
        return ([sum] + parts(["cleared", "deleted"]) + warnings).joined(separator: "; ")
    }
}
