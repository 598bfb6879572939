/// How cells are read: the choices that a drop may make, and the reader itself.
///
/// Reading works on bytes and makes no string of a good cell. The bytes must be well-formed UTF-8; whoever splits
/// the file sees to that.
package struct FieldReading: Sendable {
    /// Which forms of an amount are taken.
    package enum MoneyMode: Sendable {
        /// `-1234.56` only.
        case strict
        /// Also `1,234.56` and `(12.00)`.
        case lenient
    }

    /// Which forms of an amount are taken.
    package let money: MoneyMode
    /// The forms in which dates may be written; never empty.
    package let dateFormats: [DateFormat]
    private let onlyISODates: Bool
    private let dateForms: String

    /// - Parameters:
    ///   - money: Which forms of an amount are taken.
    ///   - dateFormats: The forms of a date; an empty list means `yyyy-MM-dd` alone.
    package init(money: MoneyMode = .strict, dateFormats: [DateFormat] = [.iso]) {
        self.money = money
        self.dateFormats = dateFormats.isEmpty ? [.iso] : dateFormats
        onlyISODates = self.dateFormats == [.iso]
        dateForms = onlyISODates ? "YYYY-MM-DD" : self.dateFormats.map(\.pattern).joined(separator: " or ")
    }

    /// Reads one cell.
    ///
    /// - Parameters:
    ///   - cell: The content of the cell, quotes taken off, not trimmed.
    ///   - column: The column it stands in.
    ///   - scale: The number of decimals of the row's currency (its ISO 4217 exponent). With `nil`, which means that
    ///     the currency is not known, amounts of the row's currency are checked for their form and read as null.
    /// - Returns: The value, null for a blank cell whatever the column's class; or what is wrong with the cell.
    package func read(
        _ cell: UnsafeRawBufferPointer,
        as column: Column,
        scale: Int?
    ) -> FieldOutcome {
        read(cell, as: column.format, scale: scale)
    }

    /// Reads one cell of a format; the same as reading it as a column, and faster in a loop that keeps the formats of
    /// a header at hand.
    package func read(
        _ cell: UnsafeRawBufferPointer,
        as format: ColumnFormat,
        scale: Int?
    ) -> FieldOutcome {
        let text = Cell.trimmed(cell)
        if text.isEmpty { return .value(.null) }
        if case .string(let limit) = format { return read(text, upTo: limit) }
        if Cell.isPlaceholder(text) { return .problem(FieldProblem(.nullLiteral)) }
        switch format {
        case .id:
            return read(text, upTo: 255)
        case .string(let limit):
            return read(text, upTo: limit)
        case .money(.row, let sign):
            return amount(text, scale: scale, sign: sign)
        case .money(_, let sign):
            return amount(text, scale: Amount.foreignScale, sign: sign)
        case .decimal:
            return Rate.read(text)
        case .date:
            return date(text)
        case .timestamp:
            return Moment.read(text)
        case .bool:
            return truth(text)
        case .currency:
            return Currency(text) == nil ? .problem(FieldProblem(.badCurrency)) : uppercased(text)
        case .country:
            return Country.isKnown(text) ? uppercased(text) : unknown(.badCode, "country code")
        case .language:
            return LanguageTag.isKnown(text) ? .value(.text(text)) : unknown(.badCode, "language")
        case .timeZone:
            return ZoneName.isKnown(text) ? .value(.text(text)) : unknown(.badCode, "time zone")
        case .email:
            return EmailAddress.read(text)
        case .url:
            return WebAddress.isAbsolute(text) ? .value(.text(text)) : .problem(FieldProblem(.badURL))
        case .list:
            return ValueList.read(text)
        case .oneOf(let words):
            return word(text, of: words)
        }
    }

    private func read(_ text: UnsafeRawBufferPointer, upTo limit: Int) -> FieldOutcome {
        // Text has at most as many scalars as bytes, so that most cells need not be counted.
        if text.count <= limit { return .value(.text(text)) }
        let count = Cell.scalarCount(text)
        if count <= limit { return .value(.text(text)) }
        return .problem(FieldProblem(.tooLong, .length(found: count, limit: limit)))
    }

    private func amount(_ text: UnsafeRawBufferPointer, scale: Int?, sign: ColumnFormat.Sign) -> FieldOutcome
    {
        // Without a currency only the form is judged; any scale will do for that.
        switch Amount.read(text, scale: scale ?? 0, lenient: money == .lenient) {
        case .malformed:
            return .problem(FieldProblem(.badDecimal, expected: "1234.56"))
        case _ where scale == nil:
            return .value(.null)
        case .minorUnits(let units):
            if let rule = sign.broken(by: units) {
                return .problem(FieldProblem(.outOfRange, expected: rule))
            }
            return .value(.integer(units))
        case .tooManyDecimals(let found):
            return .problem(FieldProblem(.tooManyDecimals, .decimals(found: found, allowed: scale ?? 0)))
        case .tooLarge:
            return .problem(FieldProblem(.outOfRange, expected: Amount.bound))
        }
    }

    private func date(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        if onlyISODates {
            return Day(text) == nil
                ? .problem(FieldProblem(.badDate, expected: dateForms)) : .value(.text(text))
        }
        var found: Day?
        for format in dateFormats {
            guard let day = format.read(text) else { continue }
            if let found, found != day {
                return .problem(FieldProblem(.badDate, expected: "one reading, not \(found) and \(day)"))
            }
            found = day
        }
        guard let found else { return .problem(FieldProblem(.badDate, expected: dateForms)) }
        return Day(text) == found ? .value(.text(text)) : .value(.rewritten(found.bytes))
    }

    private func truth(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        if Self.yes.place(of: text) != nil { return .value(.integer(1)) }
        if Self.no.place(of: text) != nil { return .value(.integer(0)) }
        return .problem(FieldProblem(.badBool))
    }

    private static let yes: Words = ["1", "true", "yes", "y"]
    private static let no: Words = ["0", "false", "no", "n"]

    private func word(_ text: UnsafeRawBufferPointer, of words: Words) -> FieldOutcome {
        guard let place = words.place(of: text) else {
            return unknown(.badEnum, words.all.joined(separator: ", "))
        }
        let stored = words.bytes[place]
        return stored.elementsEqual(text) ? .value(.text(text)) : .value(.rewritten(stored))
    }

    private func uppercased(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        for byte in text where byte != byte.uppercased { return .value(.rewritten(text.map(\.uppercased))) }
        return .value(.text(text))
    }

    private func unknown(_ code: IssueCode, _ expected: String) -> FieldOutcome {
        .problem(FieldProblem(code, expected: expected))
    }
}
