/// A value of an event's detail.
package enum JSONValue: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
    case text(String)
    case integer(Int64)
    case flag(Bool)
    case list([JSONValue])
    case object([(key: String, value: JSONValue)])

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }

    package static func == (left: JSONValue, right: JSONValue) -> Bool { left.json == right.json }

    /// The value as JSON text on one line: control bytes, U+2028/9 and bidirectional controls are escaped.
    package var json: String {
        var text = ""
        write(to: &text)
        return text
    }

    package static func json(of members: [(key: String, value: JSONValue)]) -> String { object(members).json }

    private func write(to text: inout String) {
        switch self {
        case .text(let string): Self.write(string, to: &text)
        case .integer(let number): text += String(number)
        case .flag(let flag): text += flag ? "true" : "false"
        case .list(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            default: DisplayText.append(scalar, to: &text)
            }
        }
        text += "\""
    }
}
