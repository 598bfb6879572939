/// The members of one JSON object, each value still as JSON text, in their order.
///
/// The ledger's events hold objects that we wrote ourselves; this takes them apart without changing a byte of a value.
package struct JSONMembers: Sendable {
    package private(set) var members: [(key: String, value: Substring)] = []

    /// `nil` for what is no object.
    package init?(_ text: String) {
        let json = Substring(text)
        // Byte by byte: whatever has a meaning here is ASCII.
        var rest = json.utf8
        guard rest.popFirst() == UInt8(ascii: "{") else { return nil }
        while let first = rest.first, first != UInt8(ascii: "}") {
            if first == UInt8(ascii: ",") { rest.removeFirst() }
            guard let key = Self.popString(&rest), rest.popFirst() == UInt8(ascii: ":") else { return nil }
            let value = Self.popValue(&rest)
            guard !value.isEmpty else { return nil }
            members.append((String(json[key].dropFirst().dropLast()), json[value]))
        }
        guard rest.popFirst() == UInt8(ascii: "}"), rest.isEmpty else { return nil }
    }

    /// A member's JSON text.
    package subscript(key: String) -> Substring? {
        members.first { $0.key == key }?.value
    }

    /// A member's text, if it is one.
    package func text(_ key: String) -> String? {
        guard let value = self[key], value.first == "\"" else { return nil }
        return Self.unquoted(value)
    }

    /// A member's whole number, if it is one.
    package func integer(_ key: String) -> Int64? {
        self[key].flatMap { Int64($0) }
    }

    private static func popValue(_ rest: inout Substring.UTF8View) -> Range<String.Index> {
        let start = rest.startIndex
        var depth = 0
        while let next = rest.first {
            switch next {
            case UInt8(ascii: "\""):
                guard popString(&rest) != nil else { return start..<start }
                continue
            case UInt8(ascii: ","), UInt8(ascii: "}"):
                if depth == 0 { return start..<rest.startIndex }
                if next == UInt8(ascii: "}") { depth -= 1 }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"): depth -= 1
            default: break
            }
            rest.removeFirst()
        }
        return start..<rest.startIndex
    }

    /// Takes a quoted string, quotes included.
    private static func popString(_ rest: inout Substring.UTF8View) -> Range<String.Index>? {
        let start = rest.startIndex
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        while let next = rest.popFirst() {
            if next == UInt8(ascii: "\"") { return start..<rest.startIndex }
            if next == UInt8(ascii: "\\") { rest = rest.dropFirst() }
        }
        return nil
    }

    private static func unquoted(_ json: Substring) -> String? {
        var text = String.UnicodeScalarView()
        var rest = json.dropFirst().dropLast().unicodeScalars
        while let next = rest.popFirst() {
            guard next == "\\" else {
                text.append(next)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            case "b": text.append("\u{08}")
            case "f": text.append("\u{0C}")
            case "u":
                let digits = String(rest.prefix(4))
                rest = rest.dropFirst(4)
                // Our writer escapes single scalars of four digits only.
                guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
                    return nil
                }
                text.append(scalar)
            case let other?: text.append(other)
            case nil: return nil
            }
        }
        return String(text)
    }
}
