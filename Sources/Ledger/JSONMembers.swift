/// The members of one JSON object, each value still as JSON text, in their order.
///
/// The ledger's events hold objects that we wrote ourselves; this takes them apart without changing a byte of a value.
package struct JSONMembers: Sendable {
    package private(set) var members: [(key: String, value: Substring)] = []

    /// `nil` for what is no object.
    package init?(_ text: String) {
        var rest = Substring(text)
        guard rest.popFirst() == "{" else { return nil }
        while let first = rest.first, first != "}" {
            if first == "," { rest.removeFirst() }
            guard let key = Self.popString(&rest), rest.popFirst() == ":" else { return nil }
            let value = Self.popValue(&rest)
            guard !value.isEmpty else { return nil }
            members.append((String(key.dropFirst().dropLast()), value))
        }
        guard rest == "}" else { return nil }
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

    private static func popValue(_ rest: inout Substring) -> Substring {
        let start = rest
        var depth = 0
        while let next = rest.first {
            if next == "\"" {
                guard popString(&rest) != nil else { return "" }
                continue
            }
            if depth == 0, next == "," || next == "}" { break }
            if next == "{" || next == "[" { depth += 1 }
            if next == "}" || next == "]" { depth -= 1 }
            rest.removeFirst()
        }
        return start[..<rest.startIndex]
    }

    /// Takes a quoted string, quotes included.
    private static func popString(_ rest: inout Substring) -> Substring? {
        let start = rest
        guard rest.unicodeScalars.popFirst() == "\"" else { return nil }
        while let next = rest.unicodeScalars.popFirst() {
            if next == "\"" { return start[..<rest.startIndex] }
            if next == "\\" { _ = rest.unicodeScalars.popFirst() }
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
