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

    /// Calls `body` with each row that is not in it, up to a last one, in order.
    package func forEachMissing(upTo last: Int64, _ body: (Int64) throws -> Void) rethrows {
        guard last > 0 else { return }
        for word in 0...Int(clamping: last >> 6) {
            var missing = word < words.count ? ~words[word] : .max
            while missing != 0 {
                let id = Int64(word) << 6 | Int64(missing.trailingZeroBitCount)
                missing &= missing - 1
                if id > last { return }
                try body(id)
            }
        }
    }

    /// The rows, in order.
    package var rows: some Sequence<Int64> {
        words.indices.lazy.flatMap { word in
            sequence(state: words[word]) { named -> Int64? in
                guard named != 0 else { return nil }
                defer { named &= named - 1 }
                return Int64(word) << 6 | Int64(named.trailingZeroBitCount)
            }
        }
    }

    /// How many rows are in it.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

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

    /// The rows of both.
    package func intersection(_ other: Presence) -> Presence {
        var result = Presence()
        result.words = zip(words, other.words).map { $0 & $1 }
        return result
    }

    /// The rows that another has not.
    package func subtracting(_ other: Presence) -> Presence {
        var result = self
        for index in words.indices.prefix(other.words.count) { result.words[index] &= ~other.words[index] }
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
