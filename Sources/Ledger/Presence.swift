/// Which rows of a table a file names: one bit for each row id.
package struct Presence: Sendable {
    private var words: [UInt64] = []

    package init() {}

    /// - Returns: Whether the row was not in it.
    @discardableResult
    package mutating func insert(_ id: Int64) -> Bool {
        guard id >= 0, let word = Int(exactly: id >> 6) else { return false }
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: max(word + 1 - words.count, words.count / 2)))
        }
        let bit = UInt64(1) << UInt64(id & 63)
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        return true
    }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    package func contains(_ id: Int64) -> Bool {
        guard id >= 0, let word = Int(exactly: id >> 6), word < words.count else { return false }
        return words[word] & (UInt64(1) << UInt64(id & 63)) != 0
    }

    /// The rows of either.
    package func union(_ other: Presence) -> Presence {
        var result = self
        result.formUnion(other)
        return result
    }

    /// Adds the rows of another.
    package mutating func formUnion(_ other: Presence) {
        if words.count < other.words.count {
            words += repeatElement(0, count: other.words.count - words.count)
        }
        // A small file of a large table names a few rows.
        for index in other.words.indices where other.words[index] != 0 { words[index] |= other.words[index] }
    }
}
