import Foundation

/// What a cell's text is worth: the form that is stored, or the code of what is wrong with it.
///
/// Money is stored as a number of minor units, everything else as the text that the views show.
enum ModelValue {
    case stored(Text)
    case wrong(String)

    /// Judges a trimmed cell that is not blank; money needs its `currency`, without which only its
    /// form is checked.
    init(_ text: Text, as format: ModelFormat, currency: Text? = nil) {
        let string = text.string
        if Self.isTyped(format), ["NULL", "N/A", "#N/A", "NaN"].contains(string) {
            self = .wrong("null_literal")
            return
        }
        switch format {
        case .id: self = string.unicodeScalars.count <= 255 ? .stored(text) : .wrong("too_long")
        case .string(let limit):
            self = string.unicodeScalars.count <= limit ? .stored(text) : .wrong("too_long")
        case .money: self = Self.money(string, currency)
        case .decimal: self = Self.rate(string)
        case .date: self = Self.isDate(string) ? .stored(text) : .wrong("bad_date")
        case .timestamp: self = Self.timestamp(string)
        case .bool:
            let isTrue = ["true", "1", "yes", "y"].contains(string.lowercased())
            let isFalse = ["false", "0", "no", "n"].contains(string.lowercased())
            self = isTrue || isFalse ? .stored(isTrue ? "true" : "false") : .wrong("bad_bool")
        case .words(let words):
            let word = string.lowercased()
            self = words.contains(word) ? .stored(Text(word)) : .wrong("bad_enum")
        case .currency:
            let code = string.uppercased()
            self = Self.decimals[code] == nil ? .wrong("bad_currency") : .stored(Text(code))
        case .country:
            let code = string.uppercased()
            self = ["DE", "FR", "US", "JP"].contains(code) ? .stored(Text(code)) : .wrong("bad_code")
        case .language: self = ["de", "en"].contains(string) ? .stored(text) : .wrong("bad_code")
        case .zone:
            self = ["UTC", "Europe/Berlin"].contains(string) ? .stored(text) : .wrong("bad_code")
        case .email: self = Self.isAddress(string) ? .stored(text) : .wrong("bad_email")
        case .url:
            let isWeb = string.hasPrefix("https://") || string.hasPrefix("http://")
            self = isWeb ? .stored(text) : .wrong("bad_url")
        case .list:
            var values: [Text] = []
            for part in string.split(separator: "|").map({ Text(String($0)).trimmed })
            where !part.isBlank && !values.contains(part) {
                values.append(part)
            }
            self = .stored(Text(values.map(\.string).joined(separator: "|")))
        }
    }

    /// The ISO 4217 decimals of the currencies that the generator knows.
    static let decimals = ["USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3]

    private static func isTyped(_ format: ModelFormat) -> Bool {
        if case .string = format { return false }
        return true
    }

    private static func money(_ string: String, _ currency: Text?) -> ModelValue {
        guard isPlainNumber(string) else { return .wrong("bad_decimal") }
        guard let currency, let decimals = decimals[currency.string] else { return .stored(Text(string)) }
        let parts = string.split(separator: ".")
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        guard fraction.dropFirst(decimals).allSatisfy({ $0 == "0" }) else {
            return .wrong("too_many_decimals")
        }
        let kept = String(fraction.prefix(decimals))
        let digits = parts[0] + kept + String(repeating: "0", count: decimals - kept.count)
        guard let minor = Int64(digits) else { return .wrong("out_of_range") }
        return .stored(Text(String(minor)))
    }

    /// A positive number without surrounding zeros.
    private static func rate(_ string: String) -> ModelValue {
        guard isPlainNumber(string) else { return .wrong("bad_decimal") }
        if string.hasPrefix("-") || !string.contains(where: { ("1"..."9").contains($0) }) {
            return .wrong("out_of_range")
        }
        let parts = string.split(separator: ".")
        var whole = parts[0].drop { $0 == "0" }
        if whole.isEmpty { whole = "0" }
        var fraction = parts.count > 1 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        return .stored(Text(fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"))
    }

    /// Digits with at most one point between them, and perhaps a minus in front.
    static func isPlainNumber(_ string: String) -> Bool {
        let parts = string.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        return !string.hasPrefix("--") && parts.count <= 2 && parts.allSatisfy(isDigits)
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    static func isDate(_ string: String) -> Bool {
        let parts = string.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy(isDigits),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1900...2199).contains(year) && (1...12).contains(month)
            && (1...days[month - 1]).contains(day)
    }

    /// `2025-01-05T10:00:00` and `Z` or an offset; stored in UTC.
    private static func timestamp(_ string: String) -> ModelValue {
        guard string.dropFirst(10).hasPrefix("T"), isDate(String(string.prefix(10))), string.utf8.count >= 20,
            string.hasSuffix("Z") || string.dropFirst(19).count == 6,
            let date = try? Date(string, strategy: .iso8601)
        else { return .wrong("bad_timestamp") }
        return .stored(Text(date.formatted(.iso8601)))
    }

    private static func isAddress(_ string: String) -> Bool {
        let parts = string.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !string.contains(where: \.isWhitespace) else {
            return false
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count > 1 && labels.allSatisfy { !$0.isEmpty } && string.unicodeScalars.count <= 254
    }
}
