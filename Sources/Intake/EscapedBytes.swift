/// Bytes of unknown origin as text that is safe to show.
///
/// What is UTF-8 and visible stays as it is. Everything else becomes an escape: `\n`, `\r`, `\t`, `\\` and, for each
/// byte of any other control character, of anything invisible that changes how text is shown, or of what is not UTF-8,
/// `\xE9`. Two different inputs never give the same text.
package enum EscapedBytes {
    package static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            guard let scalar = leadingScalar(of: rest) else {
                text += escape(first)
                rest = rest.dropFirst()
                continue
            }
            let length = UTF8.width(scalar)
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\\": text += "\\\\"
            default:
                if isVisible(scalar) {
                    text.unicodeScalars.append(scalar)
                } else {
                    for byte in rest.prefix(length) { text += escape(byte) }
                }
            }
            rest = rest.dropFirst(length)
        }
        return text
    }

    /// The bytes that ``text(_:)`` made `text` of.
    package static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x5C, let kind = rest.first else {
                bytes.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.dropFirst().prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(kind)
            }
            rest = rest.dropFirst()
        }
        return bytes
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }

    /// The scalar at the head of the bytes, if they begin with correct UTF-8.
    private static func leadingScalar(of bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }
}
