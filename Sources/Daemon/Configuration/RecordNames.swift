import Receivables

/// The record types and their columns that a configuration may name.
package struct RecordNames: Sendable {
    /// Directory names of the record types, in load order.
    package let types: [String]
    private let columns: [String: Set<String>]

    /// All types of the catalogue.
    package static let catalogue = RecordNames(
        Catalogue.types.map { ($0.name, Set($0.columns.map(\.name))) }
    )

    /// - Parameter columns: The record types in load order, each with its column names.
    package init(_ columns: KeyValuePairs<String, Set<String>>) {
        self.init(columns.map { ($0.key, $0.value) })
    }

    /// - Parameter columns: The record types in load order, each with its column names.
    package init(_ columns: [(type: String, columns: Set<String>)]) {
        types = columns.map(\.type)
        self.columns = Dictionary(columns.map { ($0.type, $0.columns) }) { first, _ in first }
    }

    /// Whether `type` has a column of this name.
    package func contains(column: String, of type: String) -> Bool {
        columns[type]?.contains(column) ?? false
    }
}

/// The word that is at most two slips away, for a hint.
func nearest(to name: String, in words: [String]) -> String? {
    let distances = words.map { (word: $0, distance: editDistance(name, $0)) }
    return distances.filter { $0.distance <= 2 }.min { $0.distance < $1.distance }?.word
}

/// Counts the insertions, removals and replacements that turn one short word into another.
private func editDistance(_ one: String, _ other: String) -> Int {
    let target = Array(other.utf8)
    guard !one.isEmpty, one.utf8.count <= 64, target.count <= 64 else {
        return max(one.utf8.count, target.count)
    }
    var row = Array(0...target.count)
    for (index, byte) in one.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in target.indices {
            let replaced = diagonal + (target[column] == byte ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
        }
    }
    return row[target.count]
}
