/// The form of a column's values: what is accepted, and what is stored.
package enum ColumnFormat: Sendable, Equatable {
    /// Which currency decides how many decimals an amount has.
    package enum MoneyCurrency: Sendable, Equatable {
        /// The currency of the row; stored in its minor units.
        case row
        /// The reporting currency of the drop; stored with four decimals.
        case reporting
        /// The currency of the invoice that the row names; stored with four decimals.
        case invoice
    }

    /// Which amounts are allowed.
    package enum Sign: Sendable, Equatable {
        case any
        case nonZero
        case nonNegative
        case positive

        /// The rule in words that an amount breaks; `nil` when it is allowed.
        func broken(by units: Int64) -> String? {
            switch self {
            case .any: nil
            case .nonZero: units == 0 ? "other than 0" : nil
            case .nonNegative: units < 0 ? "0 or more" : nil
            case .positive: units <= 0 ? "greater than 0" : nil
            }
        }
    }

    /// Text of up to 255 characters, never read as a number; its bytes are its identity.
    case id
    /// Text; the limit counts Unicode scalars.
    case string(upTo: Int = 255)
    /// An exact amount, stored as an integer.
    case money(in: MoneyCurrency = .row, sign: Sign = .any)
    /// An exact number above zero with up to twelve fraction digits, stored as text without surrounding zeros.
    case decimal
    /// A civil date of the years 1900 to 2199, stored as `YYYY-MM-DD`.
    case date
    /// A moment with its offset (RFC 3339), stored in UTC.
    case timestamp
    /// `true/false/1/0/yes/no/y/n` in any case, stored as 1 or 0.
    case bool
    /// An ISO 4217 code, stored in upper case.
    case currency
    /// An ISO 3166-1 alpha-2 code, stored in upper case.
    case country
    /// A well-formed BCP 47 tag.
    case language
    /// A name of the IANA time-zone database.
    case timeZone
    /// One address, stored as given.
    case email
    /// An absolute `http` or `https` address.
    case url
    /// Values joined by `|`, stored trimmed and without empties and repeats.
    case list
    /// One of some words in any case, stored as the list spells it.
    case oneOf(Words)

    /// Whether values are stored as integers; all others are stored as text.
    package var isInteger: Bool {
        switch self {
        case .money, .bool: true
        default: false
        }
    }
}
