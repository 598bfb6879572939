import Foundation

/// A text compared byte by byte; `String ==` would treat composed and decomposed accents as equal.
struct Text: Hashable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    let string: String

    init(_ string: String) {
        self.string = string
    }

    init(stringLiteral value: String) {
        string = value
    }

    var description: String { string }

    /// An empty text stands for a blank cell.
    var isBlank: Bool { string.isEmpty }

    /// Without spaces, tabs and no-break spaces at both ends.
    var trimmed: Text {
        // Most cells have nothing to trim, and Foundation is slow to find out.
        let edges = [string.unicodeScalars.first, string.unicodeScalars.last]
        if !edges.contains(where: { $0 == " " || $0 == "\t" || $0 == "\u{A0}" }) { return self }
        return Text(string.trimmingCharacters(in: CharacterSet(charactersIn: " \t\u{A0}")))
    }

    static func == (left: Text, right: Text) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    static func < (left: Text, right: Text) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
    }
}
