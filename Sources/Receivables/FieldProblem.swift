/// Why a cell does not fit its column.
package struct FieldProblem: Sendable, Equatable {
    /// The figures and words that a message needs beyond the cell itself.
    enum Detail: Sendable, Equatable {
        case none
        case expected(String)
        case decimals(found: Int, allowed: Int)
        case length(found: Int, limit: Int)
    }

    /// The name of the mistake.
    package let code: IssueCode
    let detail: Detail

    init(_ code: IssueCode, _ detail: Detail = .none) {
        self.code = code
        self.detail = detail
    }

    init(_ code: IssueCode, expected: String) {
        self.init(code, .expected(expected))
    }

    /// The finding to report.
    ///
    /// - Parameters:
    ///   - cell: The cell that was read; its beginning is quoted.
    ///   - currency: The code of the currency that limits the decimals, where it is known.
    /// - Returns: A row error without its place.
    package func finding(of cell: UnsafeRawBufferPointer, currency: String? = nil) -> Finding {
        let found = Finding.quoted(Cell.trimmed(cell))
        let text =
            switch (code, detail) {
            case (.badDate, .expected(let format)): "\(found) is not a date; expected \(format)."
            case (.badTimestamp, _): "\(found) is not a timestamp with offset."
            case (.badDecimal, .expected(let form)): "\(found) is not a number; expected \(form)."
            case (.tooManyDecimals, .decimals(let count, let allowed)):
                "\(found) has \(count) decimals; \(currency ?? "this column") allows \(allowed)."
            case (.outOfRange, .expected(let rule)): "\(found) must be \(rule)."
            case (.badCurrency, _): "\(found) is not an ISO 4217 code."
            case (.badCode, .expected(let kind)): "\(found) is not a known \(kind)."
            case (.badEmail, _): "\(found) is not an e-mail address."
            case (.badURL, _): "\(found) is not a web address."
            case (.badEnum, .expected(let list)): "\(found) is not one of \(list)."
            case (.badBool, _): "\(found) is not true or false."
            case (.tooLong, .length(let count, let limit)): "\(count) characters; limit \(limit)."
            case (.nullLiteral, _): "\(found) is a placeholder; leave the cell empty."
            default: "\(found) does not fit."
            }
        return Finding(code, .error, text)
    }
}
