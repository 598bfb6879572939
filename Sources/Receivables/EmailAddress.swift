/// E-mail addresses: one `@`, no spaces, a domain with a dot, at most 254 characters.
package enum EmailAddress {
    static let limit = 254

    /// Reads an address, which is stored as it is given.
    static func read(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        guard isWellFormed(text) else { return .problem(FieldProblem(.badEmail)) }
        if text.count > limit {
            let count = Cell.scalarCount(text)
            if count > limit {
                return .problem(FieldProblem(.tooLong, .length(found: count, limit: limit)))
            }
        }
        return .value(.text(text))
    }

    private static func isWellFormed(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let at = text.firstIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < text.count else {
            return false
        }
        // What lists, display names and mail headers are made of cannot stand in one address.
        for byte in text where byte <= 0x20 || byte == 0x7F || isPunctuation(byte) { return false }
        // No-break space.
        for index in 1..<text.count where text[index - 1] == 0xC2 && text[index] == 0xA0 { return false }
        var dots = 0
        var labelStart = at + 1
        for index in (at + 1)...text.count {
            let byte = index < text.count ? text[index] : UInt8(ascii: ".")
            if byte == UInt8(ascii: ".") {
                if index == labelStart { return false }
                if text[labelStart] == UInt8(ascii: "-") || text[index - 1] == UInt8(ascii: "-") {
                    return false
                }
                dots += 1
                labelStart = index + 1
            } else if !(byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte >= 0x80) {
                return false
            }
        }
        return dots >= 2
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case ",", ";", ":", "<", ">", "(", ")", "[", "]", "\"", "\\": true
        default: false
        }
    }
}
