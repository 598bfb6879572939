/// What can be said about a cell before its column is known.
package enum Cell {
    /// The cell without the spaces, tabs and no-break spaces at its ends.
    ///
    /// - Parameter cell: The content of a cell, quotes already taken off.
    /// - Returns: A part of the same memory.
    package static func trimmed(_ cell: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = cell.count
        while start < end {
            if isSpace(cell[start]) {
                start += 1
            } else if end - start >= 2, cell[start] == 0xC2, cell[start + 1] == 0xA0 {
                start += 2
            } else {
                break
            }
        }
        while start < end {
            if isSpace(cell[end - 1]) {
                end -= 1
            } else if end - start >= 2, cell[end - 2] == 0xC2, cell[end - 1] == 0xA0 {
                end -= 2
            } else {
                break
            }
        }
        return part(start..<end, of: cell)
    }

    /// Whether nothing is left of the cell once it is trimmed.
    package static func isBlank(_ cell: UnsafeRawBufferPointer) -> Bool {
        cell.isEmpty || trimmed(cell).isEmpty
    }

    /// Whether a trimmed cell is one of the words that programs write for "nothing": `NULL`, `N/A`, `#N/A`, `NaN`.
    static func isPlaceholder(_ cell: UnsafeRawBufferPointer) -> Bool {
        switch cell.count {
        case 3: equals(cell, "n/a") || equals(cell, "nan")
        case 4: equals(cell, "null") || equals(cell, "#n/a")
        default: false
        }
    }

    /// The number of Unicode scalars in well-formed UTF-8.
    static func scalarCount(_ cell: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in cell where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// A part of a cell as memory of its own indices.
    static func part(_ range: Range<Int>, of cell: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: cell[range])
    }

    /// Whether the cell holds this word, given in lower case, in any case.
    private static func equals(_ cell: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard cell.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<cell.count where cell[index].lowercased != word.utf8Start[index] { return false }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
