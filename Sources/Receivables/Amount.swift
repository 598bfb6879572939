/// Amounts of money as exact integers: how they are read, and how they are written.
package enum Amount {
    /// What became of reading an amount.
    enum Outcome: Equatable {
        case minorUnits(Int64)
        case malformed
        /// More decimals than the currency has that are not zero; the figure counts up to the last of them.
        case tooManyDecimals(found: Int)
        case tooLarge
    }

    /// The number of decimals with which amounts of another currency than the row's are stored.
    package static let foreignScale = 4

    /// The largest amount, in minor units and without its sign.
    static let limit: Int64 = 10_000_000_000_000_000
    static let bound = "at most 10^16 minor units"

    /// Reads `-?digits[.digits]`, which is never rounded.
    ///
    /// - Parameters:
    ///   - text: A trimmed cell.
    ///   - scale: The number of decimals that are kept, 0 to 4.
    ///   - lenient: Whether `1,234.56` and `(12.00)` are taken too.
    /// - Returns: The amount; `-0` is 0.
    static func read(_ text: UnsafeRawBufferPointer, scale: Int, lenient: Bool) -> Outcome {
        var index = 0
        var end = text.count
        var isNegative = false
        if text.first == UInt8(ascii: "-") {
            isNegative = true
            index = 1
        } else if lenient, end >= 3, text.first == UInt8(ascii: "("), text.last == UInt8(ascii: ")") {
            isNegative = true
            index = 1
            end -= 1
        }

        var units: Int64 = 0
        var isTooLarge = false
        var digits = 0
        var isGrouped = false
        while index < end, text[index] != UInt8(ascii: ".") {
            let byte = text[index]
            if byte.isDigit {
                digits += 1
                append(byte, to: &units, orNote: &isTooLarge)
            } else if lenient, byte == UInt8(ascii: ","), isGrouped ? digits == 3 : (1...3).contains(digits) {
                isGrouped = true
                digits = 0
            } else {
                return .malformed
            }
            index += 1
        }
        if digits == 0 || (isGrouped && digits != 3) { return .malformed }

        var decimals = 0
        var significant = 0
        if index < end {
            index += 1
            if index == end { return .malformed }
            while index < end {
                let byte = text[index]
                guard byte.isDigit else { return .malformed }
                if decimals < scale {
                    append(byte, to: &units, orNote: &isTooLarge)
                }
                decimals += 1
                if byte != UInt8(ascii: "0") { significant = decimals }
                index += 1
            }
        }
        if significant > scale { return .tooManyDecimals(found: significant) }
        while decimals < scale {
            append(UInt8(ascii: "0"), to: &units, orNote: &isTooLarge)
            decimals += 1
        }
        if isTooLarge || units > limit { return .tooLarge }
        return .minorUnits(isNegative ? -units : units)
    }

    /// Writes an amount with all decimals of its currency: `1234.50`.
    ///
    /// - Parameters:
    ///   - minorUnits: The amount.
    ///   - scale: The number of decimals.
    /// - Returns: Digits with a point before the decimals and a leading minus for negative amounts.
    package static func text(_ minorUnits: Int64, scale: Int) -> String {
        let digits = String(minorUnits.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
        let sign = minorUnits < 0 ? "-" : ""
        return scale > 0 ? "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))" : sign + padded
    }

    /// Stays below overflow by no longer adding digits once the limit is passed.
    private static func append(_ digit: UInt8, to units: inout Int64, orNote isTooLarge: inout Bool) {
        if units > limit {
            isTooLarge = true
        } else {
            units = units &* 10 &+ Int64(digit &- 0x30)
        }
    }
}
