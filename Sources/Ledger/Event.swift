import GRDB

/// Something that happened, on its way into the ledger.
///
/// `detail` carries the keys of the status log (`name`, `type`, `state`, `reason`, `size`, `rows_total`, …) and whatever
/// else the event needs. No cell value ever stands in it.
package struct Event: Sendable {
    package var name: EventName
    package var run: Int64?
    package var file: Int64?
    package var detail: [(key: String, value: JSONValue)]

    package init(
        _ name: EventName,
        run: Int64? = nil,
        file: Int64? = nil,
        _ detail: KeyValuePairs<String, JSONValue?> = [:]
    ) {
        self.name = name
        self.run = run
        self.file = file
        self.detail = detail.compactMap { pair in pair.value.map { (pair.key, $0) } }
    }

    package func with(_ key: String, _ value: JSONValue?) -> Event {
        var copy = self
        if let value { copy.detail.append((key, value)) }
        return copy
    }
}

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
            switch scalar.value {
            case 0x22: text += "\\\""
            case 0x5c: text += "\\\\"
            case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069,
                0x061c:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension Database {
    /// Appends an event inside the transaction that makes it true.
    ///
    /// - Returns: Its sequence number; numbers have no gaps.
    @discardableResult
    package func append(_ event: Event, at time: Timestamp) throws -> Int64 {
        try execute(
            sql: "INSERT INTO event (at, event, run_id, file_id, detail) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                time.text, event.name.rawValue, event.run, event.file, JSONValue.json(of: event.detail),
            ]
        )
        return lastInsertedRowID
    }
}
