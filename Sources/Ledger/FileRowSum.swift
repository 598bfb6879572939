extension FileRow {
    /// How its rows stand now; empty before a load.
    package var sum: String {
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
    package static func sum(_ count: (String) -> Int64?) -> String {
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
