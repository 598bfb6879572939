/// The rows of one record type, each a pure function of its number.
protocol Rows {
    /// The name of the record type, as the catalogue has it.
    static var type: String { get }
    /// The header of the file.
    static var header: [String] { get }
    /// How many of them are columns of the customer's own, at the end of the header.
    static var customColumns: Int { get }
    /// Which stream of random numbers is theirs.
    static var table: UInt64 { get }
    /// How many rows there are on the first day.
    var count: Int { get }

    /// Writes a row, without its line end.
    ///
    /// - Parameters:
    ///   - row: Its number, from 0; those from ``count`` on are new on the next day.
    ///   - version: What the row tells: as on the first day, as on the next, or something that must be refused.
    ///   - file: Where it goes.
    /// - Returns: What the sums of the file grow by.
    func write(_ row: Int, _ version: RowVersion, to file: RowWriter) -> Sums
}

/// What a row tells.
enum RowVersion: Equatable {
    case first
    case changed
    case flawed(Flaw)
}

/// Sums over a file, in minor units.
struct Sums: Codable, Equatable {
    var amount = 0
    var balance = 0

    static func += (left: inout Sums, right: Sums) {
        left.amount += right.amount
        left.balance += right.balance
    }
}

/// The ten ways in which a row of a dirty file is wrong.
enum Flaw: Int, CaseIterable {
    case impossibleDate, otherDateFormat, decimalComma, exponent, longCurrency, unknownCurrency, noNumber,
        noAmount
    case unknownCustomer, unknownKind

    /// The column and the code that every validating loader must tell.
    var issue: (column: String, code: String) {
        switch self {
        case .impossibleDate: ("invoice_date", "bad_date")
        case .otherDateFormat: ("due_date", "bad_date")
        case .decimalComma, .exponent: ("amount", "bad_decimal")
        case .longCurrency, .unknownCurrency: ("currency", "bad_currency")
        case .noNumber: ("invoice_number", "required_blank")
        case .noAmount: ("amount", "required_blank")
        case .unknownCustomer: ("customer_id", "parent_not_found")
        case .unknownKind: ("invoice_type", "bad_enum")
        }
    }

    /// Whether the row waits for its parent instead of being refused.
    var isParked: Bool { self == .unknownCustomer }
}
