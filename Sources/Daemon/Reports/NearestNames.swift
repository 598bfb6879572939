/// The names that a person may have meant.
enum NearestNames {
    /// Up to three names, the nearest first; of equally near ones the first as given.
    ///
    /// Near is what a few slips of the pen make of it: at most a third of its letters, whatever their case.
    static func of(_ name: String, in names: [String]) -> [String] {
        let wanted = letters(name)
        let limit = max(2, wanted.count / 3)
        return names.compactMap { candidate in
            distance(wanted, letters(candidate), limit: limit).map { (candidate, $0) }
        }
        .enumerated()
        .sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }
        .prefix(3)
        .map(\.element.0)
    }

    /// How many bytes must be changed, added or taken away; `nil` for more than `limit`.
    static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        var row = Array(0...right.count)
        for (line, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            var least = row[0]
            for column in right.indices {
                let changed = diagonal + (right[column] == byte ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
                least = min(least, row[column + 1])
            }
            if least > limit { return nil }
        }
        return row[right.count] <= limit ? row[right.count] : nil
    }

    private static func letters(_ name: String) -> [UInt8] {
        let last = name.split(separator: "/").last ?? ""
        return Array(last.lowercased().utf8.prefix(255))
    }
}
