/// Splits CSV one byte at a time, slow and plain on purpose (records.md 1.1).
struct NaiveReader {
    let bytes: [UInt8]
    let delimiter: UInt8

    private(set) var records: [SourceRow] = []
    private(set) var endsInsideQuotes = false
    private var position = 0
    private var record = 0
    private var line = 1

    init(_ bytes: [UInt8], delimiter: UInt8) {
        self.bytes = bytes
        self.delimiter = delimiter
        while position < bytes.count { readRecord() }
    }

    /// Reads one record and its line end; blank lines count as records but have no cells.
    private mutating func readRecord() {
        record += 1
        var row = SourceRow(record: record, line: line)
        let start = position
        if lineEnd() == 0 {
            var more = true
            while more { more = readCell(into: &row) }
        }
        row.bytes = Array(bytes[start..<position])
        row.hasLineEnd = position < bytes.count
        position += lineEnd()
        line += 1
        records.append(row)
    }

    /// Reads one cell; returns whether a delimiter, which is passed over, announces another.
    private mutating func readCell(into row: inout SourceRow) -> Bool {
        var cell: [UInt8] = []
        if position < bytes.count, bytes[position] == quote {
            position += 1
            while true {
                guard position < bytes.count else {
                    endsInsideQuotes = true
                    return false
                }
                if bytes[position] == quote {
                    position += 1
                    guard position < bytes.count, bytes[position] == quote else { break }
                }
                // Inside quotes a line end is data, but a reader with an editor counts it as a line.
                if bytes[position] == newline { line += 1 }
                cell.append(bytes[position])
                position += 1
            }
            let isAtEnd = position == bytes.count || bytes[position] == delimiter || lineEnd() > 0
            if !isAtEnd {
                row.damage = "bad_quoting"
                while position < bytes.count, lineEnd() == 0 { position += 1 }
                return false
            }
        } else {
            while position < bytes.count, bytes[position] != delimiter, lineEnd() == 0 {
                if bytes[position] == carriageReturn { row.damage = "stray_cr" }
                cell.append(bytes[position])
                position += 1
            }
        }
        row.append(cell)
        guard position < bytes.count, bytes[position] == delimiter else { return false }
        position += 1
        return true
    }

    /// The length of the line end at the position: 0 where there is none.
    private func lineEnd() -> Int {
        guard position < bytes.count else { return 0 }
        if bytes[position] == newline { return 1 }
        guard bytes[position] == carriageReturn else { return 0 }
        if position + 1 < bytes.count, bytes[position + 1] == newline { return 2 }
        return endsLinesWithCR ? 1 : 0
    }

    /// Whether the first line ends with a lone CR, which makes CR the line end throughout.
    private var endsLinesWithCR: Bool {
        guard let first = bytes.firstIndex(where: { $0 == newline || $0 == carriageReturn }) else {
            return false
        }
        let isLast = first + 1 == bytes.count
        return bytes[first] == carriageReturn && (isLast || bytes[first + 1] != newline)
    }
}

private let quote = UInt8(ascii: "\"")
private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

/// One record of a file as it was read.
struct SourceRow {
    /// Counts from 1 at the first record of the file, blank lines and preamble included.
    let record: Int

    /// The physical line on which it starts, from 1.
    let line: Int
    var cells: [Text] = []

    /// The record's bytes without its line end.
    var bytes: [UInt8] = []
    var hasLineEnd = false

    /// The code of what makes the row unreadable, if anything does.
    var damage: String?

    /// The places of cells that are not valid UTF-8 or hold a NUL.
    var unreadableCells: [Int] = []

    init(record: Int, line: Int) {
        self.record = record
        self.line = line
    }

    mutating func append(_ cell: [UInt8]) {
        if let text = String(validating: cell, as: UTF8.self), !cell.contains(0) {
            cells.append(Text(text))
        } else {
            unreadableCells.append(cells.count)
            if damage == nil { damage = "bad_encoding" }
            cells.append("")
        }
    }
}
