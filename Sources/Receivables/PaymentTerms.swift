/// The terms of payment: free text, of which `net N` is understood.
package enum PaymentTerms {
    /// The number of days after which an invoice is due.
    ///
    /// - Parameter text: The terms as given: `Net 30`, `2/10 NET-45 days`.
    /// - Returns: The number behind the first `net` that stands as a word, from 0 to 9999; `nil` if there is none.
    package static func netDays(_ text: String) -> Int? {
        let bytes = text.utf8.map(\.lowercased)
        for start in bytes.indices where bytes[start...].starts(with: "net".utf8) {
            if start > 0, bytes[start - 1].isLetter { continue }
            let rest = bytes[(start + 3)...].drop { $0 == 0x20 || $0 == 0x2D }
            let digits = rest.prefix(while: \.isDigit)
            guard (1...4).contains(digits.count) else { continue }
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        return nil
    }
}
