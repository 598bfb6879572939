/// Where in a file something was found.
package struct RowPlace: Sendable, Equatable, CustomStringConvertible {
    /// The number of the record, as a spreadsheet shows it: from 1, header and blank lines included.
    package let record: Int
    /// The physical line on which the record starts, from 1.
    package let line: Int
    /// The column; `nil` when the whole row is meant.
    package let column: String?

    package init(record: Int, line: Int, column: String? = nil) {
        self.record = record
        self.line = line
        self.column = column
    }

    /// `Row 17 (line 19), due_date`.
    package var description: String {
        column.map { "Row \(record) (line \(line)), \($0)" } ?? "Row \(record) (line \(line))"
    }
}
