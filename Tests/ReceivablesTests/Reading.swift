@testable import Receivables

/// What became of a cell, in one word and its content: `text x`, `rewritten x`, `integer 1`, `null`, `bad_date`.
func reading(
    _ text: String,
    as format: ColumnFormat,
    scale: Int? = 2,
    with reading: FieldReading = FieldReading()
) -> String {
    withBytes(Array(text.utf8)) { cell in
        switch reading.read(cell, as: .standard("column", format), scale: scale) {
        case .value(.null): "null"
        case .value(.integer(let value)): "integer \(value)"
        case .value(.text(let text)): "text \(String(decoding: text, as: UTF8.self))"
        case .value(.rewritten(let bytes)): "rewritten \(String(decoding: bytes, as: UTF8.self))"
        case .problem(let problem): problem.code.rawValue
        }
    }
}

/// The message about a cell that does not fit.
func complaint(
    _ text: String,
    as format: ColumnFormat,
    currency: String? = nil,
    scale: Int? = 2,
    with reading: FieldReading = FieldReading()
) -> String? {
    withBytes(Array(text.utf8)) { cell in
        guard case .problem(let problem) = reading.read(cell, as: .standard("column", format), scale: scale)
        else { return nil }
        return problem.finding(of: cell, currency: currency).text
    }
}

/// Gives the bytes as a cell; an empty array as a cell without memory.
func withBytes<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body($0) }
}
