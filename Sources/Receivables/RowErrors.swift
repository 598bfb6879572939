/// Why a row is refused, apart from what one cell shows (see ``FieldProblem``).
extension Finding {
    /// The row is not text in the encoding, or holds a NUL; the offset counts bytes of the file.
    package static func badEncoding(byte offset: Int, encoding: String) -> Finding {
        Finding(.badEncoding, .error, "Byte \(offset) is not valid \(encoding).")
    }

    /// Text stands behind a closing quote.
    package static var badQuoting: Finding { Finding(.badQuoting, .error, "Text after the closing quote.") }

    /// A record boundary was probably lost.
    package static var strayCarriageReturn: Finding {
        Finding(.strayCarriageReturn, .error, "Carriage return without line feed.")
    }

    /// The row has more or fewer cells than the header.
    package static func wrongFieldCount(found: Int, expected: Int) -> Finding {
        Finding(.wrongFieldCount, .error, "\(found) cells, header has \(expected).")
    }

    /// A required cell is blank.
    package static var requiredBlank: Finding { Finding(.requiredBlank, .error, "must not be blank.") }

    /// A value breaks a bound, told as what it must be: `greater than 0`.
    package static func outOfRange(_ value: String, mustBe rule: String) -> Finding {
        Finding(.outOfRange, .error, "\(quoted(value)) must be \(rule).")
    }

    /// The same key stands in other rows with other content.
    package static func duplicateKey(_ key: String, records: [Int]) -> Finding {
        // A key in a million rows must not make a million long messages.
        let shown = records.prefix(10).map(String.init).joined(separator: ", ")
        let more = records.count > 10 ? " and \(records.count - 10) more" : ""
        return Finding(.duplicateKey, .error, "Key \(quoted(key)) also in row(s) \(shown)\(more).")
    }

    /// The record that a row needs is not known.
    ///
    /// - Parameters:
    ///   - table: The trade's word for the record.
    ///   - id: Its key.
    ///   - isParked: Whether the row is tried again when the record appears.
    /// - Returns: A row error without its place.
    package static func parentNotFound(_ table: String, id: String, isParked: Bool) -> Finding {
        let end = isParked ? "Parked" : "Not retried"
        return Finding(.parentNotFound, .error, "\(table) \(quoted(id)) is not known. \(end).")
    }

    /// Following the parents comes back to the start; the first key is not repeated by the caller.
    package static func parentCycle(_ keys: [String], severity: Severity = .error) -> Finding {
        // Long loops are cut in the middle of the story, not of a key.
        let shown = keys.prefix(8).map { quoted($0) } + (keys.count > 8 ? ["…"] : [])
        let loop = (shown + keys.prefix(1).map { quoted($0) }).joined(separator: " → ")
        return Finding(.parentCycle, severity, severity == .error ? "\(loop)." : "\(loop); parent ignored.")
    }

    /// A contact or note names nobody.
    package static var ownerAmbiguous: Finding {
        Finding(.ownerAmbiguous, .error, "Neither customer_id nor invoice_id is given.")
    }

    /// The customer is not that of the invoice.
    package static func ownerMismatch(invoice: String, customer: String) -> Finding {
        Finding(.ownerMismatch, .error, "Invoice \(quoted(invoice)) belongs to customer \(quoted(customer)).")
    }

    /// The lines of a payment or credit memo come to more than it has.
    ///
    /// - Parameters:
    ///   - sum: The sum of the lines, as text.
    ///   - table: The trade's word for the owner.
    ///   - id: The owner's key.
    ///   - available: What the owner has, as text.
    /// - Returns: A row error without its place.
    package static func overApplied(sum: String, _ table: String, id: String, available: String) -> Finding {
        let text = "Lines sum to \(sum), \(table) \(quoted(id)) is \(available); set unchanged."
        return Finding(.overApplied, .error, text)
    }

    /// Two currencies should be one.
    package static func currencyMismatch(_ one: String, against other: String) -> Finding {
        Finding(.currencyMismatch, .error, "\(one) against \(other).")
    }

    /// The row is older than what is stored.
    package static func staleRow(_ value: String, stored: String) -> Finding {
        Finding(.staleRow, .error, "\(value) is older than \(stored).")
    }
}
