/// A string from outside, made fit to be shown: a file name, a server's message, a header.
///
/// Names are data. They may hold terminal escapes, text that runs backwards, bytes that are no UTF-8 at all, and they
/// may be of any length.
package struct DisplayText: Sendable, Hashable {
    /// The text with invalid UTF-8 bytes as `\xHH`; control characters are still in it.
    ///
    /// Fit for ``JSONValue``, which escapes those, and for nothing else.
    package let text: String
    /// Whether something was cut off the end.
    package let isCut: Bool

    /// - Parameters:
    ///   - bytes: What the other side sent.
    ///   - limit: The number of bytes to keep; a character is never cut in half.
    package init(bytes: some Collection<UInt8>, limit: Int = 255) {
        let kept = Self.cut(Array(bytes.prefix(limit + 1)), at: limit)
        isCut = kept.count < bytes.count
        text = Self.decode(kept)
    }

    /// - Parameters:
    ///   - text: What the other side sent, already decoded.
    ///   - limit: The number of UTF-8 bytes to keep.
    package init(_ text: String, limit: Int = 255) {
        self.init(bytes: text.utf8, limit: limit)
    }

    /// The text for a terminal, a log line or a mail: what would act there is spelt as `\u001b`; a cut is shown by `…`.
    package var escaped: String {
        var escaped = ""
        for scalar in text.unicodeScalars { Self.append(scalar, to: &escaped) }
        return isCut ? escaped + "…" : escaped
    }

    /// Appends a character, as `\u001b` if it is unsafe: so JSON writes it too.
    static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        guard isUnsafe(scalar) else { return text.unicodeScalars.append(scalar) }
        // All of them have four digits at most.
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Whether a character must never be shown as itself: control characters, the line and paragraph separators, and
    /// whatever changes the direction of the text around it.
    package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028, 0x2029: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func cut(_ bytes: [UInt8], at limit: Int) -> ArraySlice<UInt8> {
        guard bytes.count > limit else { return bytes[...] }
        var end = max(0, limit)
        // A continuation byte at the cut belongs to a character that began before it.
        while end > 0, limit - end < 3, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return bytes[..<(bytes[end] & 0xC0 == 0x80 ? limit : end)]
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var index = bytes.startIndex
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                text.unicodeScalars.append(Unicode.UTF8.decode(encoded))
                index += encoded.count
            case .error(let length):
                for byte in bytes[index..<min(index + length, bytes.endIndex)] {
                    text += (byte < 0x10 ? "\\x0" : "\\x") + String(byte, radix: 16, uppercase: true)
                }
                index += length
            case .emptyInput:
                return text
            }
        }
    }
}
