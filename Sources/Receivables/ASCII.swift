extension UInt8 {
    /// Whether the byte is one of `0` to `9`.
    var isDigit: Bool { self &- 0x30 < 10 }

    /// Whether the byte is an unaccented letter.
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// The byte itself, or the small form of a capital letter.
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The byte itself, or the capital form of a small letter.
    var uppercased: UInt8 { self &- 0x61 < 26 ? self & 0xDF : self }

    init(ascii character: Unicode.Scalar) {
        self = UInt8(truncatingIfNeeded: character.value)
    }
}
