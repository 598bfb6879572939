/// A text as it travels: CRLF line ends, ASCII only, no line too long for SMTP.
struct MailBody {
    /// The name of the transfer encoding: `7bit` where the text needs none, else `quoted-printable`.
    let encoding: String
    /// The text in that encoding, ending in CRLF.
    let encoded: String

    init(_ text: String) {
        let lines = Self.lines(text)
        // RFC 5322 allows 998 bytes to a line.
        let isPlain = lines.allSatisfy { line in line.count <= 998 && line.allSatisfy { $0 < 0x80 } }
        encoding = isPlain ? "7bit" : "quoted-printable"
        encoded = lines.map { line in
            (isPlain ? String(decoding: line, as: UTF8.self) : Self.quotedPrintable(line)) + "\r\n"
        }.joined()
    }

    /// The lines without their ends, and with a space for each control character but the tabulator.
    private static func lines(_ text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: Unicode.Scalar = "\0"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r": lines.append([])
            case "\t": lines[lines.count - 1].append(UInt8(ascii: "\t"))
            case _ where scalar.properties.generalCategory == .control:
                lines[lines.count - 1].append(UInt8(ascii: " "))
            default: lines[lines.count - 1].append(contentsOf: String(scalar).utf8)
            }
            previous = scalar
        }
        if lines.last == [] { lines.removeLast() }
        return lines
    }

    /// One line as RFC 2045, 6.7 writes it, broken softly so that no piece is longer than 76 bytes.
    private static func quotedPrintable(_ line: [UInt8]) -> String {
        var result = ""
        var width = 0
        for (index, byte) in line.enumerated() {
            let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            let isLast = index == line.count - 1
            let isLiteral = isBlank ? !isLast : (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
            let piece = isLiteral ? String(Unicode.Scalar(byte)) : hexadecimal(byte)
            if width + piece.utf8.count > 75 {
                result += "=\r\n"
                width = 0
            }
            result += piece
            width += piece.utf8.count
        }
        return result
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "=0\(digits)" : "=\(digits)"
    }
}
