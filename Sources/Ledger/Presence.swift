/// Which rows of a table a file names: one bit for each row id.
package struct Presence: Sendable {
    private var words: [UInt64] = []

    package init() {}

    /// - Returns: Whether the row had not been named before.
    @discardableResult
    package mutating func insert(_ id: Int64) -> Bool {
        guard id >= 0, let word = Int(exactly: id >> 6) else { return false }
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: max(word + 1 - words.count, words.count / 2)))
        }
        let bit = UInt64(1) << UInt64(id & 63)
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }

    package func contains(_ id: Int64) -> Bool {
        guard id >= 0, let word = Int(exactly: id >> 6), word < words.count else { return false }
        return words[word] & (UInt64(1) << UInt64(id & 63)) != 0
    }
}
