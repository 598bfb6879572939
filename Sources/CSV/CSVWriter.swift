/// Writes RFC 4180: CRLF line ends, quotes only where a cell needs them, UTF-8.
///
/// What it writes, ``RecordReader`` reads back as the same cells; only the export rule adds to a text. The bytes
/// gather in ``bytes``; whoever writes much takes them away in between with ``drain(to:)``.
package struct CSVWriter {
    /// What kind of column a cell stands in, for the export rule of `failure-cases.md` 7.
    package enum Kind: Sendable {
        /// Text that people or other programs will open: a single quote is put before what a spreadsheet would
        /// take for a formula.
        case text
        /// A number or date that we wrote ourselves, or bytes that must come back as they are.
        case plain
    }

    /// What was written and not taken away yet.
    package private(set) var bytes: [UInt8] = []
    private let delimiter: UInt8
    private var isAtRecordStart = true
    /// Whether the record in work is still without a byte.
    private var isBlank = true

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - delimiter: An ASCII byte other than the quote, CR, LF and NUL.
    ///   - marksEncoding: Whether to begin with the byte-order mark of UTF-8, by which a reader that is configured
    ///     for another encoding knows it too.
    package init(delimiter: UInt8 = UInt8(ascii: ","), marksEncoding: Bool = false) {
        precondition(![Byte.quote, Byte.lf, Byte.cr, 0].contains(delimiter) && delimiter < 0x80)
        self.delimiter = delimiter
        if marksEncoding {
            bytes = Self.byteOrderMark
        }
    }

    /// Appends a cell to the record in work.
    package mutating func append(_ cell: String, as kind: Kind = .text) {
        var cell = cell
        cell.withUTF8 { append(UnsafeRawBufferPointer($0), as: kind) }
    }

    /// Appends a cell, given by its bytes in UTF-8, to the record in work.
    package mutating func append(_ cell: UnsafeRawBufferPointer, as kind: Kind = .text) {
        beginCell(isEmpty: cell.isEmpty)
        let isFormula = kind == .text && Self.looksLikeFormula(cell)
        guard needsQuotes(cell) else {
            if isFormula {
                bytes.append(Self.apostrophe)
            }
            bytes.append(contentsOf: cell)
            return
        }
        bytes.append(Byte.quote)
        if isFormula {
            bytes.append(Self.apostrophe)
        }
        for byte in cell {
            if byte == Byte.quote {
                bytes.append(Byte.quote)
            }
            bytes.append(byte)
        }
        bytes.append(Byte.quote)
    }

    /// Appends cells that are written already, byte for byte and with no regard to what they hold.
    ///
    /// - Parameter cells: One cell or more in this writer's delimiter, as ``Record/bytes`` and
    ///   ``Record/rawField(_:)`` give them.
    package mutating func append(raw cells: UnsafeRawBufferPointer) {
        beginCell(isEmpty: cells.isEmpty)
        bytes.append(contentsOf: cells)
    }

    /// Ends the record in work.
    package mutating func endRecord() {
        if isBlank {
            // One empty cell; without quotes the line would be blank, and passed over.
            bytes += [Byte.quote, Byte.quote]
        }
        bytes += [Byte.cr, Byte.lf]
        isAtRecordStart = true
        isBlank = true
    }

    /// Hands over what was written so far and forgets it.
    ///
    /// - Throws: What `sink` throws; then nothing is forgotten.
    package mutating func drain(to sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try bytes.withUnsafeBytes(sink)
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func beginCell(isEmpty: Bool) {
        if !isAtRecordStart {
            bytes.append(delimiter)
        }
        isBlank = isAtRecordStart && isEmpty
        isAtRecordStart = false
    }

    // Blanks at the ends are kept from trimming eyes, and no opening is taken for another format or encoding.
    private func needsQuotes(_ cell: UnsafeRawBufferPointer) -> Bool {
        guard let first = cell.first, let last = cell.last else {
            return false
        }
        return first == Byte.space || last == Byte.space || "<{%".utf8.contains(first) || first >= 0xEF
            || cell.contains { $0 == delimiter || $0 == Byte.quote || $0 < 0x20 }
    }

    /// Whether a spreadsheet might take the cell for a formula (OWASP; ASVS 5, 1.2.10).
    private static func looksLikeFormula(_ cell: UnsafeRawBufferPointer) -> Bool {
        guard let first = cell.first else {
            return false
        }
        return "=+-@\t\r\0".utf8.contains(first) || fullWidthForms.contains { cell.starts(with: $0) }
    }

    private static let apostrophe = UInt8(ascii: "'")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let fullWidthForms = ["\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"].map {
        Array($0.utf8)
    }
}
