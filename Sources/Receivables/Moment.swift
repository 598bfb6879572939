/// Timestamps: RFC 3339 with an offset, kept in UTC as `YYYY-MM-DDTHH:MM:SSZ`.
///
/// A fraction of a second is kept, without its trailing zeros.
package enum Moment {
    /// Reads a timestamp; the separator may also be a space or `t`, the offset `z`, as the standard allows.
    static func read(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        guard text.count >= 20, let day = Day(Cell.part(0..<10, of: text)),
            text[10].lowercased == UInt8(ascii: "t") || text[10] == 0x20,
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let hour = Digits.value(text, 11..<13), let minute = Digits.value(text, 14..<16),
            let second = Digits.value(text, 17..<19), hour < 24, minute < 60, second <= 60
        else { return malformed }

        var fractionEnd = 19
        if text[19] == UInt8(ascii: ".") {
            fractionEnd = 20
            while fractionEnd < text.count, text[fractionEnd].isDigit { fractionEnd += 1 }
            if fractionEnd == 20 { return malformed }
        }
        guard let offset = offset(Cell.part(fractionEnd..<text.count, of: text)) else { return malformed }
        var lastDigit = fractionEnd
        while lastDigit > 20, text[lastDigit - 1] == UInt8(ascii: "0") { lastDigit -= 1 }
        if lastDigit == 20 { lastDigit = 19 }

        let isCanonical =
            text[10] == UInt8(ascii: "T") && text[text.count - 1] == UInt8(ascii: "Z") && second < 60
            && lastDigit == fractionEnd
        if isCanonical { return .value(.text(text)) }

        // A leap second is the second after it: no tool that reads the ledger knows a 60th.
        let secondOfDay = hour * 3_600 + minute * 60 + second - offset
        let dayShift = secondOfDay < 0 ? -1 : secondOfDay / 86_400
        guard let utcDay = day.adding(days: dayShift) else { return malformed }
        let utcSecond = secondOfDay - dayShift * 86_400

        var bytes = utcDay.bytes
        bytes.append(UInt8(ascii: "T"))
        Digits.append(utcSecond / 3_600, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Digits.append(utcSecond / 60 % 60, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Digits.append(utcSecond % 60, width: 2, to: &bytes)
        bytes.append(contentsOf: text[19..<lastDigit])
        bytes.append(UInt8(ascii: "Z"))
        return .value(.rewritten(bytes))
    }

    /// Whether one stored timestamp lies before another.
    ///
    /// Their texts cannot simply be compared: a fraction sorts before the `Z` of the whole second.
    ///
    /// - Parameters:
    ///   - one: A timestamp in the stored form.
    ///   - other: Another one.
    /// - Returns: `false` for equal moments.
    package static func isBefore(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        one.dropLast().lexicographicallyPrecedes(other.dropLast())
    }

    /// The offset in seconds east of Greenwich.
    private static func offset(_ text: UnsafeRawBufferPointer) -> Int? {
        if text.count == 1, text[0].lowercased == UInt8(ascii: "z") { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hours = Digits.value(text, 1..<3),
            let minutes = Digits.value(text, 4..<6), hours < 24, minutes < 60
        else { return nil }
        switch text[0] {
        case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
        case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
        default: return nil
        }
    }

    private static var malformed: FieldOutcome { .problem(FieldProblem(.badTimestamp)) }
}
