import Foundation

/// A mail as a mail program would show it.
struct ReceivedMail: Sendable {
    /// As it came over the wire.
    var raw: String
    /// The unfolded header lines, in order.
    var headers: [(name: String, value: String)]
    /// The body, decoded.
    var body: String

    init(_ bytes: some Sequence<UInt8>) {
        raw = String(decoding: Array(bytes), as: UTF8.self)
        let text = raw.replacingOccurrences(of: "\r\n", with: "\n")
        let parts = text.components(separatedBy: "\n\n")
        var headers: [(name: String, value: String)] = []
        for line in (parts.first ?? "").split(separator: "\n") {
            if line.first == " " || line.first == "\t" {
                if let last = headers.indices.last { headers[last].value += line }
            } else {
                let pair = line.split(separator: ":", maxSplits: 1)
                let value = pair.count > 1 ? pair[1].trimmingCharacters(in: .whitespaces) : ""
                headers.append((String(pair.first ?? ""), value))
            }
        }
        self.headers = headers
        let plain = parts.dropFirst().joined(separator: "\n\n")
        let isQuoted = headers.contains {
            $0.name == "Content-Transfer-Encoding" && $0.value == "quoted-printable"
        }
        body = isQuoted ? Self.unquoted(plain) : plain
    }

    /// The first header of a name.
    subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The mail's number in the ledger, with which its identity begins.
    var number: Int {
        let digits = (self["Message-ID"] ?? "").drop { $0 == "<" }.prefix { $0.isNumber }
        return Int(digits) ?? 0
    }

    var subject: String { self["Subject"] ?? "" }

    private static func unquoted(_ text: String) -> String {
        let joined = text.replacingOccurrences(of: "=\n", with: "")
        var bytes: [UInt8] = []
        var rest = Array(joined.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "="), rest.count > 1,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest.removeFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
