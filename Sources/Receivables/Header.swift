/// The names of columns as files spell them.
package enum Header {
    /// The name by which a header cell is matched: trimmed, in lower case, spaces and `-` as `_`.
    ///
    /// - Parameter cell: The content of a header cell, quotes taken off; well-formed UTF-8.
    /// - Returns: An empty name for a blank cell. Compare names by their UTF-8 bytes.
    package static func normalise(_ cell: UnsafeRawBufferPointer) -> String {
        let text = Cell.trimmed(cell)
        var scalars = String.UnicodeScalarView()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar {
            case " ", "-", "\u{A0}": scalars.append("_")
            default: scalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return String(scalars)
    }

    /// The name by which a header is matched: trimmed, in lower case, spaces and `-` as `_`.
    package static func normalise(_ name: String) -> String {
        var copy = name
        return copy.withUTF8 { normalise(UnsafeRawBufferPointer($0)) }
    }

    /// The column that an unknown header was probably meant to be.
    ///
    /// - Parameters:
    ///   - unknown: A normalised name.
    ///   - columns: The native columns that the file does not contain.
    /// - Returns: The nearest of those that are near enough, the first of several: two edits away at most, one for
    ///   columns of five letters or fewer.
    package static func nearMiss(of unknown: String, among columns: some Sequence<String>) -> String? {
        let name = Array(unknown.unicodeScalars.prefix(100))
        var best: (column: String, distance: Int)?
        for column in columns {
            let native = Array(column.unicodeScalars)
            let limit = native.count <= 5 ? 1 : 2
            guard abs(native.count - name.count) <= limit else { continue }
            let distance = distance(from: name, to: native)
            if distance <= limit, distance < best?.distance ?? .max { best = (column, distance) }
        }
        return best?.column
    }

    /// The number of edits from one name to the other: a letter added, dropped or changed, or two neighbours swapped.
    static func distance(from one: [Unicode.Scalar], to other: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var current = [row + 1]
            for (place, otherLetter) in other.enumerated() {
                let changed = last[place] + (letter == otherLetter ? 0 : 1)
                var edits = min(changed, last[place + 1] + 1, current[place] + 1)
                if row > 0, place > 0, letter == other[place - 1], one[row - 1] == otherLetter {
                    edits = min(edits, beforeLast[place - 1] + 1)
                }
                current.append(edits)
            }
            beforeLast = last
            last = current
        }
        return last[other.count]
    }
}
