/// Names and values out of a query or a form.
package struct Fields: Sendable, Equatable {
    /// More than so many are not read.
    private static let limit = 256

    private var values: [String: [String]] = [:]

    init() {}

    /// Reads `a=1&b=2`, as browsers write it.
    ///
    /// - Throws: ``Refusal`` for broken escapes, bytes that are no UTF-8, and too many fields.
    init(urlEncoded text: some StringProtocol) throws(Refusal) {
        let pairs = text.split(separator: "&", omittingEmptySubsequences: true)
        guard pairs.count <= Self.limit else { throw .badRequest("There are too many fields in it.") }
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], plusIsBlank: true)
            add(try Self.decoded(parts.count > 1 ? parts[1] : "", plusIsBlank: true), to: name)
        }
    }

    mutating func add(_ value: String, to name: String) { values[name, default: []].append(value) }

    var count: Int { values.count }

    /// The first value of a name; `nil` when it is absent or empty.
    package subscript(_ name: String) -> String? {
        values[name]?.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Every value of a name, in their order.
    package func all(_ name: String) -> [String] { values[name] ?? [] }

    /// A value that is an id: digits alone.
    package func id(_ name: String) -> Int64? { self[name].flatMap(Self.id) }

    /// A value without blanks around it, if it is one line of at most `limit` characters.
    package func line(_ name: String, upTo limit: Int) -> String? {
        guard let value = self[name] else { return nil }
        let isLine = value.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isLine, value.count <= limit else { return nil }
        let text = value.drop { $0.isWhitespace }
        let end = text.lastIndex { !$0.isWhitespace }
        return end.map { String(text[...$0]) }
    }

    static func id(_ text: String) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    /// Text as a part of a path or a value of a query.
    package static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// Takes the percent signs out.
    static func decoded(_ text: some StringProtocol, plusIsBlank: Bool) throws(Refusal) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(nibble), let low = rest.next().flatMap(nibble) else {
                    throw .badRequest("An escape in it cannot be read.")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("It holds bytes that are no text.")
        }
        return decoded
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
