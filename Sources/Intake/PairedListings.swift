/// Two listings side by side, by path: what stands in either comes once, with where it stands in each.
struct PairedListings {
    private let before: [ListedEntry]
    private let after: [ListedEntry]

    init(_ before: [ListedEntry], _ after: [ListedEntry]) {
        self.before = before
        self.after = after
    }

    /// Calls `body` for each path, in the order of their bytes.
    func visit(_ body: (_ before: Int?, _ after: Int?) -> Void) {
        let left = Self.inOrder(before)
        let right = Self.inOrder(after)
        var (l, r) = (0, 0)
        while l < left.count || r < right.count {
            if r == right.count || l < left.count && before[left[l]].precedes(after[right[r]]) {
                body(left[l], nil)
                l += 1
            } else if l == left.count || after[right[r]].precedes(before[left[l]]) {
                body(nil, right[r])
                r += 1
            } else {
                body(left[l], right[r])
                l += 1
                r += 1
            }
        }
    }

    /// The places of a listing's entries by path; of a path that stands there twice, the last.
    private static func inOrder(_ entries: [ListedEntry]) -> [Int] {
        let sorted = entries.indices.sorted { one, other in
            if entries[one].precedes(entries[other]) { return true }
            return entries[other].precedes(entries[one]) ? false : one < other
        }
        return sorted.enumerated().filter { index, place in
            index + 1 == sorted.count || entries[place].precedes(entries[sorted[index + 1]])
        }.map(\.element)
    }
}

extension ListedEntry {
    /// Whether its path comes before that of another, byte for byte.
    fileprivate func precedes(_ other: ListedEntry) -> Bool {
        guard entry.directory == other.entry.directory else {
            return pathBytes.lexicographicallyPrecedes(other.pathBytes)
        }
        return entry.name < other.entry.name
    }
}
