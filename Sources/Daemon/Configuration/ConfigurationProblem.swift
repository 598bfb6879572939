import Yams

/// One thing that is wrong with a configuration, and where.
///
/// It prints like a compiler's diagnostic, `acme.yaml:2:7: schedule.minute: expected 0 to 59`, so that editors can
/// jump to the place.
package struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file as the operator named it.
    package let file: String
    /// Counted from 1; 0 when the problem has no place in the file.
    package let line: Int
    /// Counted from 1 in characters; 0 when the problem has no place in the file.
    package let column: Int
    /// What was expected, and for short values what was found.
    package let message: String

    package init(file: String, line: Int = 0, column: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    init(file: String, mark: Mark?, message: String) {
        self.init(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, message: message)
    }

    package var description: String {
        line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)"
    }
}

/// Every problem of one configuration; nothing of it is in force.
package struct ConfigurationRefused: Error, Sendable, CustomStringConvertible {
    /// In the order of the file; never empty.
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        self.problems = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
