@testable import Receivables

/// What a fuzzer tries on the readers of cells, and what the tests repeat with everything that is kept of its finds.
///
/// Two bytes of the input choose the format and the settings; the rest is the cell.
enum FuzzTarget {
    private static let formats: [ColumnFormat] = [
        .id, .string(upTo: 8), .money(), .money(in: .reporting, sign: .positive), .decimal, .date, .timestamp,
        .bool,
        .currency, .country, .language, .timeZone, .email, .url, .list, .oneOf(["open", "on_hold"]),
    ]
    private static let strict = FieldReading()
    private static let lenient = FieldReading(
        money: .lenient,
        dateFormats: ["d.M.yyyy", "yyyyMMdd", "MM/dd/yyyy"].compactMap(DateFormat.init)
    )

    /// Says what is wrong with how the input was read; `nil` when all is well.
    static func finding(in input: [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        let format = formats[Int(input[0]) % formats.count]
        let reading = input[1] & 1 == 0 ? strict : lenient
        let scale = Int(input[1] >> 1) % 5
        let cell = Array(input[2...])
        let shown = outcome(cell, format, reading, scale)
        guard shown == outcome([0x20] + cell + [0x09], format, reading, scale) else { return "blanks show" }
        if case .text(let stored) = shown, format != .list {
            // A list alone may leave what reads otherwise: from "|NaN" the word that stands for nothing.
            guard shown == outcome(stored, format, strict, scale) else { return "\(stored) is not stable" }
        }
        if case .integer(let units) = shown, case .money = format {
            let used: Int
            if case .money(.row, _) = format { used = scale } else { used = Amount.foreignScale }
            guard outcome(Array(plain(units, scale: used).utf8), format, strict, scale) == shown else {
                return "\(units) is not what was read"
            }
        }
        if case .problem(let text) = shown {
            let isFit = text.hasSuffix(".") && text.utf8.count < 400
            guard isFit, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else {
                return "the message is \(text.debugDescription)"
            }
        }
        return nil
    }

    private enum Outcome: Equatable {
        case null
        case integer(Int64)
        case text([UInt8])
        case problem(String)
    }

    private static func outcome(
        _ cell: [UInt8],
        _ format: ColumnFormat,
        _ reading: FieldReading,
        _ scale: Int
    ) -> Outcome {
        withBytes(cell) { bytes in
            switch reading.read(bytes, as: format, scale: scale) {
            case .value(.null): .null
            case .value(.integer(let value)): .integer(value)
            case .value(.text(let text)): .text(Array(text))
            case .value(.rewritten(let text)): .text(text)
            case .problem(let problem): .problem(problem.finding(of: bytes).text)
            }
        }
    }

    /// An amount in its standard form.
    private static func plain(_ units: Int64, scale: Int) -> String {
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let whole = padded.dropLast(scale)
        let sign = units < 0 ? "-" : ""
        return scale == 0 ? sign + whole : "\(sign)\(whole).\(padded.suffix(scale))"
    }
}
