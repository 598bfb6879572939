import CSV
import Glibc
package import Intake
package import Ledger
import Receivables

/// A file's rejected and parked rows as CSV, to be mended and dropped again.
///
/// In front of each row stand its error codes, messages and number; behind them the sender's own cells, byte for byte,
/// under the file's own header and delimiter. A file that was refused as a whole gets one line without a number.
package struct ErrorReport: Sendable {
    /// The three columns in front, which make the report a correction file when it comes back.
    static let columns = ["error_codes", "error_messages", "row_number"]
    /// How many findings are held in memory at a time.
    private static let page = 4096

    private let book: ReportLedger
    private let spool: Spool
    private let encoding: Encoding
    private let limits: Limits

    package init(ledger: Ledger, spool: Spool, settings: RunSettings) {
        book = ReportLedger(ledger)
        self.spool = spool
        encoding = settings.encoding
        limits = settings.csvLimits
    }

    /// Writes the report of a file, piece by piece.
    ///
    /// Blocks. Returns how many lines follow its header. Throws ``ErrorReportFailure``, and what `sink` throws.
    package func write(_ file: Int64, to sink: ([UInt8]) throws -> Void) throws -> Int {
        guard let facts = try book.facts(of: file) else { throw ErrorReportFailure.noSuchFile }
        let delimiter = facts.delimiter ?? UInt8(ascii: ",")
        let header = try facts.header.map { try ReportHeader($0, delimiter: delimiter) }
        // The report is UTF-8: a drop of another encoding learns it from the mark when the report comes back.
        var line = CSVWriter(delimiter: delimiter, marksEncoding: encoding != .utf8)
        for column in Self.columns { line.append(column) }
        if let header { line.append(raw: header.own) }
        try line.endRecord(to: sink)
        if facts.state == .failed {
            guard let reasons = try book.reasons(forWhole: file) else { return 0 }
            line.append(reasons)
            for _ in 0..<(header?.ownCount ?? 0) { line.append(raw: []) }
            try line.endRecord(to: sink)
            return 1
        }
        return try writeRows(of: file, facts, header, delimiter, &line, to: sink)
    }

    private func writeRows(
        of file: Int64,
        _ facts: ReportLedger.Facts,
        _ header: ReportHeader?,
        _ delimiter: UInt8,
        _ line: inout CSVWriter,
        to sink: ([UInt8]) throws -> Void
    ) throws -> Int {
        var pending = try book.reasons(for: file, after: 0, limit: Self.page)[...]
        guard !pending.isEmpty else { return 0 }
        guard let copy = facts.sha256, spool.holds(copy) else { throw ErrorReportFailure.pruned }
        let descriptor = open(spool.path(of: copy), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ErrorReportFailure.unreadable(errno) }
        defer { close(descriptor) }
        var reader = RecordReader(
            FileSource(descriptor: descriptor),
            delimiter: delimiter,
            encoding: encoding,
            limits: limits
        )
        var written = 0
        do {
            while let reasons = pending.first, let wanted = reasons.record, try reader.next() {
                guard reader.record.number >= wanted else { continue }
                pending.removeFirst()
                if reader.record.number == wanted {
                    line.append(reasons)
                    header.map { $0.append(reader.record, to: &line) }
                        ?? line.append(raw: reader.record.bytes)
                    try line.endRecord(to: sink)
                    written += 1
                }
                if pending.isEmpty {
                    pending = try book.reasons(for: file, after: wanted, limit: Self.page)[...]
                }
            }
        } catch let failure as CSVFailure {
            if case .io(let code) = failure { throw ErrorReportFailure.unreadable(code) }
            throw ErrorReportFailure.changedMeaning
        }
        return written
    }
}

/// Why there is no error report.
package enum ErrorReportFailure: Error, Sendable, Equatable {
    case noSuchFile
    /// The file's copy has left the spool.
    case pruned
    /// Its copy cannot be read (`errno`).
    case unreadable(Int32)
    /// Under today's settings its copy is no longer the CSV that it was when it was loaded.
    case changedMeaning
}

/// The header of the reported file, without report columns of a correction file.
private struct ReportHeader {
    /// The remaining fields as they stand, with their delimiters.
    private(set) var own: [UInt8] = []
    private(set) var ownCount = 0
    /// Where the report columns of a correction file stand; empty for any other file.
    private var dropped: Set<Int> = []

    init(_ bytes: [UInt8], delimiter: UInt8) throws {
        var reader = RecordReader(ArraySource(bytes), delimiter: delimiter)
        guard try reader.next() else { return }
        let record = reader.record
        let names = (0..<record.count).map { Header.normalise(record.field($0)) }
        if ErrorReport.columns.allSatisfy(names.contains) {
            dropped = Set(names.indices.filter { ErrorReport.columns.contains(names[$0]) })
        }
        var line = CSVWriter(delimiter: delimiter)
        append(record, to: &line)
        own = line.bytes
        ownCount = record.count - dropped.count
    }

    /// Adds a record's own cells, byte for byte.
    func append(_ record: borrowing Record, to line: inout CSVWriter) {
        guard !dropped.isEmpty else { return line.append(raw: record.bytes) }
        for field in 0..<record.count where !dropped.contains(field) {
            line.append(raw: record.rawField(field))
        }
    }
}

extension CSVWriter {
    /// Begins a line with why its row was refused.
    fileprivate mutating func append(_ reasons: ReportLedger.Reasons) {
        append(reasons.codes.joined(separator: "|"))
        append(reasons.messages.joined(separator: "|"))
        append(reasons.record.map(String.init) ?? "", as: .plain)
    }

    /// Adds cells that are CSV already.
    fileprivate mutating func append(raw cells: [UInt8]) {
        cells.withUnsafeBytes { append(raw: $0) }
    }

    /// Ends the line and hands it over.
    fileprivate mutating func endRecord(to sink: ([UInt8]) throws -> Void) rethrows {
        endRecord()
        try drain { try sink(Array($0)) }
    }
}
