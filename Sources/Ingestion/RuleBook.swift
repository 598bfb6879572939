import Ledger
import Receivables

/// The rules of a type that one cell alone cannot show, judged over the values of a row.
final class RuleBook {
    /// What the values of a row alone can tell.
    let checks: RuleChecks
    private let type: RecordType
    private let watchesUpdates: Int?
    private let lines: RecordType?
    private let numbers: NumberProbe?
    /// Where the subsidiary stands within which numbers should be unique.
    private let subsidiary: Int?

    init(_ type: RecordType, transaction: LoadTransaction) throws {
        self.type = type
        checks = RuleChecks(type, hasUsers: try transaction.hasUsers())
        lines = Catalogue.linesType(of: type)
        watchesUpdates = type.table == "invoice" ? 2 : type.column(named: "updated_at") == nil ? nil : 1
        subsidiary = type.index(of: "subsidiary_id")
        numbers = try type.table == "invoice" ? transaction.numberProbe() : nil
    }

    /// Refuses the row where a rule says so, and turns signs where a rule does.
    ///
    /// - Parameters:
    ///   - status: The status that the record will have.
    ///   - stored: The table at the row with the same key; `nil` when there is none.
    func judge(_ reader: RowReader, status: String?, stored: RecordTable?) {
        for entry in checks.entries {
            switch entry.rule.condition {
            case .positiveUnless(let column, let word):
                guard let amount = reader.values.flat[entry.column].integer, amount <= 0,
                    let issue = entry.rule.issue
                else { continue }
                if amount == 0 || status != word {
                    let text = Amount.text(amount, scale: reader.currency?.exponent ?? 2)
                    reader.reject(
                        Finding(
                            issue,
                            .error,
                            "\"\(text)\" must be greater than 0 unless \(column) is \(word)."
                        ),
                        column: entry.rule.column
                    )
                }
            case .notOlderThanStored:
                guard let watchesUpdates, let stored, let now = reader.values.flat[entry.column].text,
                    var before = stored.text(watched: watchesUpdates)
                else { continue }
                if before.withUTF8({ Moment.isBefore(now, UnsafeRawBufferPointer($0)) }) {
                    let moment = String(decoding: now, as: UTF8.self)
                    reader.reject(.staleRow(moment, stored: before), column: entry.rule.column)
                }
            default:
                continue
            }
        }
    }

    /// What is worth saying about a row that was written.
    ///
    /// - Parameter row: Its id; an invoice has one.
    func warnings(
        _ reader: RowReader,
        row: Int64? = nil,
        status: String?,
        transaction: LoadTransaction
    ) throws -> [(finding: Finding, column: String)] {
        var found: [(finding: Finding, column: String)] = []
        for entry in checks.entries where !entry.rule.rejects {
            let values = reader.values.flat
            if checks.isQuiet(entry, values) { continue }
            if case .uniqueWithin = entry.rule.condition, let numbers, let row,
                try !isTaken(values[entry.column], byOtherThan: row, values, numbers)
            {
                continue
            }
            if let finding = try warning(entry.rule, reader, status, transaction) {
                found.append((finding, entry.rule.column))
            }
        }
        return found
    }

    private func isTaken(
        _ number: FlatValue,
        byOtherThan row: Int64,
        _ values: UnsafePointer<FlatValue>,
        _ numbers: NumberProbe
    ) throws -> Bool {
        // What the file leaves out may be stored nevertheless.
        guard let number = number.text, let subsidiary = subsidiary.flatMap({ values[$0].text }) else {
            return try numbers.isTaken(byOtherThan: row)
        }
        return try numbers.isTaken(byOtherThan: row, number: number, subsidiary: subsidiary)
    }

    private func warning(_ rule: Rule, _ reader: RowReader, _ status: String?, _ transaction: LoadTransaction)
        throws -> Finding?
    {
        let value = reader.value(rule.column)
        let scale = reader.currency?.exponent ?? 2
        switch rule.condition {
        case .notZero:
            guard value.number == 0 else { return nil }
            return .zeroBalance(type.absence == .cleared ? "stored as CLEARED" : "stored as given")
        case .notBefore(let other):
            guard let date = value.string, let first = reader.value(other).string, date < first else {
                return nil
            }
            return .dueBeforeInvoice(due: date, invoice: first)
        case .magnitudeAtMost(let other):
            guard let amount = value.number, let bound = reader.value(other).number,
                amount.magnitude > bound.magnitude
            else { return nil }
            return .balanceGreaterThanAmount(
                balance: Amount.text(amount, scale: scale),
                amount: Amount.text(bound, scale: scale)
            )
        case .madePositive:
            guard let before = reader.turned[rule.column] else { return nil }
            return .negativeNormalised(Amount.text(before, scale: scale))
        case .uniqueWithin:
            return value.string.map { .invoiceNumberNotUnique($0) }
        case .knownUser:
            guard let address = value.string, try !transaction.isUser(address) else { return nil }
            return .unknownCollector(address)
        case .coversStoredLines:
            guard let lines, let amount = value.number, let key = reader.value(type.key[0]).string,
                !["voided", "returned"].contains(status)
            else { return nil }
            let sum = try transaction.sumOfLines(lines, owner: key)
            let available = status == "refunded" ? 0 : amount
            guard sum > available, sum != 0 else { return nil }
            return .linesExceedAmount(
                sum: Amount.text(sum, scale: scale),
                available: Amount.text(available, scale: scale)
            )
        default:
            return nil
        }
    }
}
