/// Absolute `http` and `https` addresses.
enum WebAddress {
    /// Whether the text has one of the two schemes and a host, and no spaces.
    static func isAbsolute(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let start = hostStart(text), start < text.count else { return false }
        for byte in text where byte <= 0x20 || byte == 0x7F || isForbidden(byte) { return false }
        for index in 1..<text.count where text[index - 1] == 0xC2 && text[index] == 0xA0 { return false }
        let authority = text[start...].prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        let host = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last
        guard let host, let first = host.first else { return false }
        return first.isLetter || first.isDigit || first >= 0x80 || first == UInt8(ascii: "[")
    }

    private static func hostStart(_ text: UnsafeRawBufferPointer) -> Int? {
        for (prefix, length) in [("http://" as StaticString, 7), ("https://", 8)] where text.count > length {
            var matches = true
            for index in 0..<length where text[index].lowercased != prefix.utf8Start[index] {
                matches = false
            }
            if matches { return length }
        }
        return nil
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"")
    }
}
