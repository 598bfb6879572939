/// Exchange rates: exact numbers above zero, kept as the digits that were given.
enum Rate {
    /// The number of digits after the point that may differ from zero.
    static let decimals = 12
    /// The number of digits before the point, leading zeros aside.
    static let integerDigits = 16

    /// Reads a rate; the value is the part of the text without surrounding zeros.
    static func read(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        let isNegative = text.first == UInt8(ascii: "-")
        var start = isNegative ? 1 : 0
        var point = start
        while point < text.count, text[point].isDigit { point += 1 }
        let hasPoint = point < text.count
        var end = text.count
        guard point > start, !hasPoint || (text[point] == UInt8(ascii: ".") && point + 1 < end) else {
            return malformed
        }
        for index in point..<end where index > point && !text[index].isDigit { return malformed }

        while start < point - 1, text[start] == UInt8(ascii: "0") { start += 1 }
        if hasPoint {
            while text[end - 1] == UInt8(ascii: "0") { end -= 1 }
            if end - 1 == point { end = point }
        }
        let isZero = end == point && end - start == 1 && text[start] == UInt8(ascii: "0")
        if isNegative || isZero { return .problem(FieldProblem(.outOfRange, expected: "greater than 0")) }
        if end - point - 1 > decimals {
            let detail = FieldProblem.Detail.decimals(found: end - point - 1, allowed: decimals)
            return .problem(FieldProblem(.tooManyDecimals, detail))
        }
        if point - start > integerDigits {
            return .problem(FieldProblem(.outOfRange, expected: "below 10^\(integerDigits)"))
        }
        return .value(.text(Cell.part(start..<end, of: text)))
    }

    private static var malformed: FieldOutcome { .problem(FieldProblem(.badDecimal, expected: "1234.56")) }
}
