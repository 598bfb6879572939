/// Which bytes of a file have come; ranges may come in any order.
struct CoveredRanges: Equatable {
    /// Sorted, apart from each other.
    private(set) var ranges: [Range<UInt64>] = []

    /// Adds a range.
    ///
    /// - Returns: Whether none of its bytes had come before; otherwise nothing is added.
    mutating func insert(_ range: Range<UInt64>) -> Bool {
        guard !range.isEmpty else { return true }
        let place = ranges.firstIndex { $0.upperBound >= range.lowerBound } ?? ranges.endIndex
        var merged = range
        var end = place
        while end < ranges.endIndex, ranges[end].lowerBound <= range.upperBound {
            guard !ranges[end].overlaps(range) else { return false }
            merged =
                min(
                    merged.lowerBound,
                    ranges[end].lowerBound
                )..<max(merged.upperBound, ranges[end].upperBound)
            end += 1
        }
        ranges.replaceSubrange(place..<end, with: CollectionOfOne(merged))
        return true
    }

    /// Whether exactly the bytes `0..<size` have come.
    func isExactly(_ size: UInt64) -> Bool {
        size == 0 ? ranges.isEmpty : ranges == [0..<size]
    }
}
