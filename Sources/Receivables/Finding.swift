/// A finding about a file or a row, in words.
package struct Finding: Sendable, Equatable {
    /// Whether something was refused.
    package enum Severity: String, Sendable {
        /// The row, or the file, is not applied.
        case error
        /// It is applied.
        case warning
    }

    /// The name of the finding.
    package let code: IssueCode
    /// Whether something was refused.
    package let severity: Severity
    /// What was found and what was expected, without the place; may hold the beginning of a cell.
    package let text: String
    /// A likely cause or cure, as a sentence.
    package let hint: String?

    package init(_ code: IssueCode, _ severity: Severity, _ text: String, hint: String? = nil) {
        self.code = code
        self.severity = severity
        self.text = text
        self.hint = hint
    }

    /// The same finding with a likely cause or cure.
    package func hinting(_ hint: String) -> Finding { Finding(code, severity, text, hint: hint) }

    /// The whole message: where, what was found, what was expected, then the hint if there is one.
    ///
    /// - Parameter place: Where it was found; `nil` for a finding about the file.
    /// - Returns: `Row 17 (line 19), due_date: "2025-13-01" is not a date; expected YYYY-MM-DD.`
    package func message(at place: RowPlace? = nil) -> String {
        var message = text
        if let place { message = "\(place): \(text)" }
        if let hint { message += " \(hint)" }
        return message
    }

    /// The beginning of a value in quotes, as messages show it: at most 40 characters, control characters escaped.
    package static func quoted(_ cell: UnsafeRawBufferPointer) -> String {
        // 160 bytes hold 40 characters of any kind, and a byte more tells whether something was cut off.
        let text = String(decoding: cell.prefix(164), as: UTF8.self)
        return quoted(text)
    }

    /// The beginning of a value in quotes, as messages show it: at most 40 characters, control characters escaped.
    package static func quoted(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(40) {
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            default:
                if scalar.properties.generalCategory == .control {
                    shown += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    shown.unicodeScalars.append(scalar)
                }
            }
        }
        let isCut = text.unicodeScalars.dropFirst(40).first != nil
        return "\"\(shown)\(isCut ? "…" : "")\""
    }
}
