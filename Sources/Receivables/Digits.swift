/// Short runs of decimal digits, in and out.
enum Digits {
    /// The number that stands at a place of the text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - range: A place inside the text of at most 18 bytes.
    /// - Returns: `nil` if another byte than a digit stands there, or none.
    static func value(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        if range.isEmpty { return nil }
        var value = 0
        for index in range {
            let byte = text[index]
            guard byte.isDigit else { return nil }
            value = value &* 10 &+ Int(byte &- 0x30)
        }
        return value
    }

    /// Adds a number that is not negative, filled with zeros to the width; higher digits are left out.
    static func append(_ value: Int, width: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
