import Ledger

/// The form of a JSON value, from which the description of the API is made.
indirect enum Shape: Sendable {
    case text
    /// RFC 3339 in UTC.
    case moment
    /// `YYYY-MM-DD`.
    case day
    /// An exact decimal number as text.
    case amount
    case integer
    case flag
    case word([String])
    case list(Shape)
    case object([Member])
    /// An object whose names are data.
    case map(Shape)
    /// One of ``APIShapes/all``.
    case named(String)

    /// The value as JSON Schema 2020-12.
    var schema: JSONValue {
        switch self {
        case .text: .object([("type", "string")])
        case .moment: .object([("type", "string"), ("format", "date-time")])
        case .day: .object([("type", "string"), ("format", "date")])
        case .amount: .object([("type", "string"), ("pattern", "^-?[0-9]+(\\.[0-9]+)?$")])
        case .integer: .object([("type", "integer"), ("format", "int64")])
        case .flag: .object([("type", "boolean")])
        case .word(let words): .object([("type", "string"), ("enum", .list(words.map { .text($0) }))])
        case .list(let shape): .object([("type", "array"), ("items", shape.schema)])
        case .map(let shape): .object([("type", "object"), ("additionalProperties", shape.schema)])
        case .named(let name): .object([("$ref", .text("#/components/schemas/\(name)"))])
        case .object(let members): Self.object(members)
        }
    }

    private static func object(_ members: [Member]) -> JSONValue {
        var parts: [(key: String, value: JSONValue)] = [
            ("type", "object"), ("properties", .object(members.map { ($0.name, $0.shape.schema) })),
        ]
        let required = members.filter { !$0.isOptional }
        if !required.isEmpty { parts.append(("required", .list(required.map { .text($0.name) }))) }
        return .object(parts)
    }
}

/// A member of an object.
struct Member: Sendable {
    let name: String
    let shape: Shape
    /// Whether it is absent where it does not apply; null is never written.
    let isOptional: Bool

    static func always(_ name: String, _ shape: Shape) -> Member {
        Member(name: name, shape: shape, isOptional: false)
    }

    static func maybe(_ name: String, _ shape: Shape) -> Member {
        Member(name: name, shape: shape, isOptional: true)
    }
}
