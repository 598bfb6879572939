/// What the first bytes of a file say about the rest of it.
struct Opening {
    /// How many bytes of a file are looked at.
    static let length = 4096

    /// The form of the file.
    let form: Form
    /// How many bytes its byte-order mark takes.
    let markLength: Int

    /// Judges the first ``length`` bytes of a file, or all of it if it is shorter.
    ///
    /// - Throws: ``CSVFailure/notCSV(format:)``, or ``CSVFailure/badEncoding(byteOffset:line:encoding:)`` for
    ///   UTF-32 and for UTF-16 without a byte-order mark.
    init(_ head: UnsafeRawBufferPointer, configured: Encoding) throws(CSVFailure) {
        for (magic, format) in Self.magics where head.starts(with: magic) {
            throw .notCSV(format: format)
        }
        // UTF-32 comes first: its little-endian mark begins with that of UTF-16.
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw .badEncoding(byteOffset: 0, line: 1, encoding: "UTF-32")
        }
        if head.starts(with: [0xFF, 0xFE]) {
            (form, markLength) = (.utf16(isBigEndian: false), 2)
        } else if head.starts(with: [0xFE, 0xFF]) {
            (form, markLength) = (.utf16(isBigEndian: true), 2)
        } else if head.starts(with: [0xEF, 0xBB, 0xBF]) {
            (form, markLength) = (.utf8, 3)
        } else {
            try Self.refuseUnmarkedUTF16(head)
            (form, markLength) = (configured == .utf8 ? .utf8 : .windows1252, 0)
        }
    }

    /// Refuses text that opens like a mark-up or JSON document.
    ///
    /// - Parameter text: The first bytes of the file, decoded.
    /// - Throws: ``CSVFailure/notCSV(format:)``.
    static func refuseDocument(_ text: UnsafeRawBufferPointer) throws(CSVFailure) {
        switch text.first(where: { !(0x09...0x0D).contains($0) && $0 != 0x20 }) {
        case UInt8(ascii: "<"):
            throw .notCSV(format: "HTML or XML")
        case UInt8(ascii: "{"):
            throw .notCSV(format: "JSON")
        default:
            return
        }
    }

    /// In UTF-16 nearly every other byte of a CSV file is NUL: those at odd offsets, or those at even ones.
    private static func refuseUnmarkedUTF16(_ head: UnsafeRawBufferPointer) throws(CSVFailure) {
        guard let first = head.firstIndex(of: 0) else {
            return
        }
        var even = 0
        var odd = 0
        for (offset, byte) in head.enumerated() where byte == 0 {
            if offset.isMultiple(of: 2) {
                even += 1
            } else {
                odd += 1
            }
        }
        let isOneSided = max(even, odd) > 8 * min(even, odd)
        if isOneSided && (even + odd) * 10 >= head.count * 3 && even + odd > 3 {
            let order = odd > even ? "LE" : "BE"
            throw .badEncoding(
                byteOffset: Int64(first),
                line: 1,
                encoding: "UTF-16\(order) without a byte-order mark"
            )
        }
    }

    private static let magics: [([UInt8], String)] = [
        (Array("PK\u{3}\u{4}".utf8), "ZIP or XLSX"),
        (Array("PK\u{5}\u{6}".utf8), "ZIP or XLSX"),
        (Array("PK\u{7}\u{8}".utf8), "ZIP or XLSX"),
        ([0x1F, 0x8B], "gzip"),
        (Array("%PDF".utf8), "PDF"),
        ([0xD0, 0xCF, 0x11, 0xE0], "XLS"),
    ]
}
