import Ledger
import Yams

/// The kinds of value that a configuration holds.
extension StrictMapping {
    /// Takes one line of text that is not empty.
    mutating func text(_ key: String) -> String? {
        value(key, expected: "one line of text", read: singleLine)
    }

    /// Takes a whole number in plain decimal digits.
    mutating func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        guard let node = take(key) else { return fallback }
        guard let digits = node.plainText, let number = wholeNumber(digits) else {
            refuse(key, at: node, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        guard range.contains(number) else {
            refuse(key, at: node, "expected \(range.lowerBound) to \(range.upperBound), found \(number)")
            return fallback
        }
        return number
    }

    /// Takes `true` or `false`, spelt so.
    mutating func flag(_ key: String, default fallback: Bool) -> Bool {
        guard let node = take(key) else { return fallback }
        switch node.plainText {
        case "true": return true
        case "false": return false
        default:
            refuse(key, at: node, "expected true or false")
            return fallback
        }
    }

    /// Takes a whole number with a unit: `30s`, `10m`, `26h`, `90d`.
    mutating func duration(
        _ key: String,
        in range: ClosedRange<Duration>,
        default fallback: Duration
    ) -> Duration {
        guard let node = take(key) else { return fallback }
        let expected = "a whole number with s, m, h or d, such as 30s"
        guard let duration = value(of: node, key, expected: expected, read: Duration.init(configured:)) else {
            return fallback
        }
        guard range.contains(duration) else {
            refuse(key, at: node, "expected \(range.lowerBound.configured) to \(range.upperBound.configured)")
            return fallback
        }
        return duration
    }

    /// Takes a number of bytes: plain, or with `KiB`, `MiB`, `GiB` or `TiB`.
    mutating func size(_ key: String, from minimum: Int, default fallback: Int) -> Int {
        guard let node = take(key) else { return fallback }
        let expected = "a number of bytes, such as 8GiB, 1MiB or 4096"
        guard let size = value(of: node, key, expected: expected, read: sizeInBytes) else { return fallback }
        guard size >= minimum else {
            refuse(key, at: node, "expected at least \(minimum) bytes")
            return fallback
        }
        return size
    }

    /// Takes a share of a whole, from 0 to 1, in plain decimal notation.
    mutating func share(_ key: String, default fallback: Double) -> Double {
        guard let node = take(key) else { return fallback }
        guard let text = node.plainText, let share = decimalShare(text) else {
            refuse(key, at: node, "expected a share from 0 to 1, such as 0.40")
            return fallback
        }
        return share
    }

    /// Takes one word of a closed list.
    mutating func word<Word>(_ key: String, default fallback: Word) -> Word
    where Word: RawRepresentable<String> & CaseIterable {
        let words = Word.allCases.map(\.rawValue)
        let expected =
            words.count > 1
            ? words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "") : words.first ?? ""
        return value(key, expected: expected, read: Word.init(rawValue:)) ?? fallback
    }

    /// Takes a list of single lines.
    mutating func texts(_ key: String, expected: String = "one line of text") -> [String] {
        list(key) { $0.value(of: $1, key, expected: expected, read: singleLine) }
    }

    /// Takes a mapping whose keys are record types, each with a value of its own.
    mutating func byType<Value>(
        _ key: String,
        known: RecordNames,
        read: (inout StrictMapping, _ type: String, Node) -> Value?
    ) -> [String: Value] {
        section(key) { section in
            section.entriesByType(known: known, read: read)
        } ?? [:]
    }

    /// Reads every entry that is left as a record type and its value.
    mutating func entriesByType<Value>(
        known: RecordNames,
        read: (inout StrictMapping, _ type: String, Node) -> Value?
    ) -> [String: Value] {
        var values: [String: Value] = [:]
        for type in keysLeft where known.types.contains(type) {
            guard let node = take(type) else { continue }
            values[type] = read(&self, type, node)
        }
        for (type, key, _) in takeRest() {
            let hint = nearest(to: type, in: known.types).map { "; did you mean \($0)?" } ?? ""
            refuse("\(DisplayedValue(bare: type))", at: key, "is no record type\(hint)")
        }
        return values
    }
}

private func singleLine(_ text: String) -> String? {
    let isClean = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    return isClean && text.contains { !$0.isWhitespace } ? text : nil
}

/// Reads plain decimal digits without sign, separator or leading zero.
func wholeNumber(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    guard text == "0" || text.first != "0" else { return nil }
    return Int(text)
}

private func sizeInBytes(_ text: String) -> Int? {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]
    for (unit, bytes) in units where text.hasSuffix(unit) {
        guard let number = wholeNumber(text.dropLast(unit.count)) else { return nil }
        let (size, isTooLarge) = number.multipliedReportingOverflow(by: bytes)
        return isTooLarge ? nil : size
    }
    return wholeNumber(text)
}

private func decimalShare(_ text: String) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = wholeNumber(parts[0]), whole <= 1 else { return nil }
    if parts.count == 2 {
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    }
    guard let share = Double(text), share <= 1 else { return nil }
    return share
}

extension Duration {
    /// Reads a whole number with `s`, `m`, `h` or `d`; anything else is `nil`.
    init?(configured text: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = wholeNumber(text.dropLast()) else {
            return nil
        }
        let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit)
        guard !isTooLong else { return nil }
        self = .seconds(seconds)
    }

    /// The form in which a configuration holds it, in the largest unit that is whole.
    var configured: String {
        let seconds = components.seconds
        if seconds > 0, seconds % 86400 == 0 { return "\(seconds / 86400)d" }
        if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds > 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}

/// A value as it may stand in a diagnostic: escaped, cut and, unless bare, quoted.
struct DisplayedValue: CustomStringConvertible {
    let description: String

    init(_ text: String) {
        description = "\"\(DisplayText(text, limit: 60).escaped)\""
    }

    init(bare text: String) {
        description = DisplayText(text, limit: 60).escaped
    }
}
