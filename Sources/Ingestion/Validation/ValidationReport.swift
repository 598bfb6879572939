import CSV
import Ledger

/// What a sender is told about a file that was only looked at, as CSV.
///
/// One line for the file as a whole, one for each finding, one for each record that would be stored otherwise than it is,
/// with the names of the columns that would change and never their values.
struct ValidationReport {
    /// How much is looked up for it.
    static let scope = Difference.Scope(perKind: 1000, showsValues: false, issues: 10_000)
    /// Beyond this size lines are left out, and that is said.
    private static let limit = 4 << 20
    private static let columns = ["line", "result", "key", "column", "code", "message"]

    private struct Line {
        var number: Int64?
        var result: String
        var key: String?
        var column: String?
        var code: String?
        var message: String?
    }

    private var writer = CSVWriter(delimiter: UInt8(ascii: ","))
    private var leftOut = 0
    var bytes: [UInt8] { writer.bytes }

    init(_ difference: Difference) {
        for column in Self.columns { writer.append(column) }
        writer.endRecord()
        add(Line(result: "summary", code: difference.state.rawValue, message: difference.summary))
        for issue in difference.issues {
            add(
                Line(
                    number: issue.line,
                    result: issue.severity,
                    column: issue.column,
                    code: issue.code,
                    message: issue.message
                )
            )
        }
        for row in difference.rows where row.kind != .parked && row.kind != .rejected {
            let columns = row.changes.map(\.column).joined(separator: "|")
            // The line of another file is told in words.
            add(
                Line(
                    number: row.origin == nil ? row.line : nil,
                    result: row.kind.rawValue,
                    key: row.key,
                    column: row.column ?? columns,
                    code: row.code,
                    message: Self.message(of: row)
                )
            )
        }
        let notListed = difference.leftOut.filter { $0.key != .parked && $0.key != .rejected }
        let missing = leftOut + difference.issuesLeftOut + notListed.values.reduce(0, +)
        if missing > 0 {
            leftOut = 0
            write(Line(result: "left_out", message: "\(missing) further lines are left out"))
        }
    }

    /// The report about a file that was not even fetched.
    init(refusing reason: String, message: String) {
        for column in Self.columns { writer.append(column) }
        writer.endRecord()
        write(Line(result: "summary", code: "failed", message: "would be failed (\(reason))"))
        write(Line(result: "error", code: reason, message: message))
    }

    private static func message(of row: Difference.Row) -> String? {
        guard let type = row.type else { return nil }
        guard let origin = row.origin else { return type }
        return "\(type), line \(row.line ?? 0) of \(DisplayText(origin.name).escaped)"
    }

    private mutating func add(_ line: Line) {
        guard writer.bytes.count < Self.limit else {
            leftOut += 1
            return
        }
        write(line)
    }

    private mutating func write(_ line: Line) {
        writer.append(line.number.map { "\($0)" } ?? "", as: .plain)
        writer.append(line.result, as: .plain)
        for cell in [line.key, line.column, line.code, line.message] { writer.append(cell ?? "") }
        writer.endRecord()
    }
}
