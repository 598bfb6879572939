import Ledger
import Receivables

extension ColumnFormat {
    /// The form in words for whoever makes such a file.
    var words: String {
        switch self {
        case .id: "text of at most 255 characters, never read as a number"
        case .string(let limit): "text of at most \(limit) characters"
        case .money(_, let sign): "amount such as 1234.50" + sign.words
        case .decimal: "number above 0 with at most 12 decimals"
        case .date: "day such as 2026-11-21"
        case .timestamp: "moment such as 2026-11-21T10:00:00+01:00"
        case .bool: "true, false, yes, no, 1 or 0"
        case .currency: "currency code of ISO 4217, such as EUR"
        case .country: "country code of ISO 3166, such as DE"
        case .language: "language tag such as de-DE"
        case .timeZone: "time zone such as Europe/Berlin"
        case .email: "one e-mail address"
        case .url: "http or https address"
        case .list: "values joined by |"
        case .oneOf(let words): "one of: \(words.all.joined(separator: ", "))"
        }
    }

    /// The type of a Frictionless table schema, with its constraints.
    var schema: (type: String, constraints: [(key: String, value: JSONValue)]) {
        switch self {
        case .id: ("string", [("maxLength", 255)])
        case .string(let limit): ("string", [("maxLength", .integer(Int64(limit)))])
        case .money, .decimal: ("number", [])
        case .date: ("date", [])
        case .timestamp: ("datetime", [])
        case .bool: ("boolean", [])
        case .currency: ("string", [("pattern", "[A-Za-z]{3}")])
        case .country: ("string", [("pattern", "[A-Za-z]{2}")])
        case .oneOf(let words): ("string", [("enum", .list(words.all.map { .text($0) }))])
        case .language, .timeZone, .email, .url, .list: ("string", [])
        }
    }
}

extension ColumnFormat.Sign {
    fileprivate var words: String {
        switch self {
        case .any: ""
        case .nonZero: ", not 0"
        case .nonNegative: ", 0 or more"
        case .positive: ", above 0"
        }
    }
}
