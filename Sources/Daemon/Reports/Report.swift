/// What a command shows: the same facts for people and for programs.
package protocol Report: Sendable {
    /// Lines for people, each with its end.
    var text: String { get }
    /// One JSON value on one line, without its end; keys may be added, never changed.
    var json: String { get }
}

/// Rows of text in columns, as wide as they need to be.
struct TextTable {
    private var rows: [[String]] = []
    /// Columns that hold numbers and stand to the right.
    private let numbers: Set<Int>

    init(_ header: [String] = [], numbers: Set<Int> = []) {
        self.numbers = numbers
        if !header.isEmpty { rows.append(header) }
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// The table with every line's end.
    var text: String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                return numbers.contains(index) ? padding + cell : cell + padding
            }
            return cells.joined(separator: "  ").trimmingTrailingSpaces + "\n"
        }.joined()
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
