import CSV
import Glibc
import Ledger
import Receivables

/// Their file is wrong as a whole: nothing of it is applied, and its sender is told.
struct FileRefusal: Error {
    var finding: Finding
    var place: RecordPlace?
    var column: String?
    var byteOffset: Int64?

    init(_ finding: Finding, at place: RecordPlace? = nil, column: String? = nil, byteOffset: Int64? = nil) {
        self.finding = finding
        self.place = place
        self.column = column
        self.byteOffset = byteOffset
    }

    /// - Returns: `nil` when our world is at fault, not the file.
    init?(_ failure: CSVFailure, columnNames: [String] = []) {
        switch failure {
        case .io:
            return nil
        case .empty:
            self.init(.emptyFile)
        case .notCSV(let format):
            self.init(.notCSV(format))
        case .badEncoding(let offset, let line, let encoding):
            let finding = Finding.badHeaderEncoding(byte: Int(offset), line: Int(line), encoding: "UTF-8")
            self.init(
                encoding == "UTF-8" ? finding : finding.hinting("It looks like \(encoding)."),
                byteOffset: offset
            )
        case .unterminatedQuote(let record, let line, let field):
            let column = field < columnNames.count ? columnNames[field] : "\(field + 1)"
            self.init(
                .unterminatedQuote(record: Int(record), line: Int(line), column: column),
                at: RecordPlace(record: record, line: line, byteOffset: 0)
            )
        case .tooLarge(let what, let limit, let record, let line):
            let (word, unit) =
                switch what {
                case .file: ("File", "bytes")
                case .record: ("Row \(record) (line \(line))", "bytes")
                case .field: ("A cell of row \(record) (line \(line))", "bytes")
                case .columns: ("Row \(record) (line \(line))", "columns")
                }
            self.init(
                .tooLarge(word, found: "has more \(unit) than allowed;", limit: "\(limit) \(unit)"),
                at: RecordPlace(record: record, line: line, byteOffset: 0)
            )
        }
    }
}

/// Our world is wrong while a file is loaded: nothing of the file was applied, and it stays as it was.
package enum LoadFailure: Error, Sendable {
    /// The spool copy cannot be read (`errno`).
    case spool(Int32)
    /// The program is told to stop.
    case interrupted
}
