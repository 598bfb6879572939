import CSV
import Ledger
import Receivables

/// What the ledger knows of the owner whose set is being written: a payment, a credit memo, a customer or an invoice.
final class OwnerBook {
    private let type: RecordType
    private let ownerType: RecordType?
    private let payments: KeyProbe?
    private let invoices: KeyProbe?
    private let reading: FieldReading
    private let amountField: Int?

    /// The currency of the owner's amounts.
    private(set) var currency: Currency?
    /// Whether no lines were ever loaded for the owner.
    private(set) var hasNoLines = false
    private var id: [UInt8] = []
    private var available: Int64 = 0
    private var isKnown = false
    private let hasLines: Bool

    /// - Returns: `nil` for types whose rows have no owner.
    init?(_ layout: FileLayout, _ settings: LoadSettings, _ transaction: LoadTransaction) throws {
        type = layout.type
        guard let owner = type.identity.owners.first else { return nil }
        hasLines = type.emptySet != nil
        reading = settings.reading(of: type)
        amountField = layout.field(of: "amount")
        ownerType = type.reference(from: owner).flatMap { Catalogue.type(named: $0.target) }
        payments =
            hasLines
            ? try ownerType.flatMap {
                try transaction.probe($0, columns: ["currency", "amount", "status", "lines_loaded"])
            } : nil
        invoices = try transaction.probe(.openInvoices, columns: ["currency", "customer_id"])
    }

    /// Turns to another owner.
    func look(up owner: UnsafeRawBufferPointer) throws {
        currency = nil
        isKnown = false
        hasNoLines = false
        guard let payments else { return }
        id.removeAll(keepingCapacity: true)
        id.append(contentsOf: owner)
        guard try payments.id(of: owner) != nil else { return }
        isKnown = true
        currency = payments.text(0).flatMap { Currency($0) }
        let isVoid = ["voided", "returned", "refunded"].contains(payments.text(2))
        available = isVoid ? 0 : payments.integer(1) ?? 0
        hasNoLines = payments.integer(3) == nil
    }

    /// Whether lines may come to more than the owner has.
    var limitsLines: Bool { hasLines && isKnown }

    /// What a line takes of the owner's amount, if it is applied.
    func amount(in record: Record) -> Int64 {
        guard let currency, let amountField else { return .max }
        switch reading.read(record.field(amountField), as: .money(), scale: currency.exponent) {
        case .value(.integer(let amount)): return amount
        case .value, .problem: return 0
        }
    }

    /// Whether the owner has as much.
    func covers(_ amount: Int64) -> Bool { amount <= available }

    /// Refuses the row where it does not fit its owner.
    ///
    /// - Parameter keepsAmount: Whether the stored row has an amount in the invoice's currency that this row leaves.
    /// - Returns: Whether nobody can change what the row was judged by without its owner being touched.
    func judge(_ reader: RowReader, keepsAmount: Bool = false) throws -> Bool {
        var isLasting = true
        for rule in type.rules {
            if keepsAmount, case .givenIfCurrencyDiffers = rule.condition { continue }
            if case .ownerOf(let column) = rule.condition, !reader.value(column).isNull,
                !reader.value(rule.column).isNull
            {
                // The customer of an invoice.
                isLasting = false
            }
            guard let finding = try breach(rule, reader) else { continue }
            reader.reject(finding, column: finding.code == .currencyMismatch ? "currency" : rule.column)
        }
        return isLasting
    }

    private func breach(_ rule: Rule, _ reader: RowReader) throws -> Finding? {
        switch rule.condition {
        case .ownerOf(let column):
            guard let invoices, !reader.value(column).isNull, let named = reader.value(rule.column).string,
                try reader.value(column).withBytes({ try invoices.id(of: $0) }) ?? nil != nil,
                let owner = invoices.text(1), !owner.utf8.elementsEqual(named.utf8)
            else { return nil }
            return .ownerMismatch(invoice: reader.value(column).string ?? "", customer: owner)
        case .ownersCurrency:
            guard let currency, let named = reader.value(rule.column).string, named != currency.code else {
                return nil
            }
            return .currencyMismatch(named, against: currency.code)
        case .givenIfCurrencyDiffers(let column) where !reader.value(rule.column).isNull:
            return try tooManyDecimals(rule.column, of: reader.value(column), reader)
        case .givenIfCurrencyDiffers(let column):
            guard let invoices, let currency, reader.value(rule.column).isNull,
                !reader.problems.contains(where: { $0.column == rule.column }),
                try reader.value(column).withBytes({ try invoices.id(of: $0) }) ?? nil != nil,
                let other = invoices.text(0), other != currency.code
            else { return nil }
            return .currencyMismatch(currency.code, against: other)
        default:
            return nil
        }
    }

    /// Amounts in the invoice's currency are stored with four decimals, of which the currency may have fewer.
    private func tooManyDecimals(_ column: String, of invoice: FieldValue, _ reader: RowReader) throws
        -> Finding?
    {
        let isKnown = try invoice.withBytes { try invoices?.id(of: $0) } ?? nil
        let named = isKnown == nil ? nil : invoices?.text(0).flatMap { Currency($0) }
        guard let limit = named ?? currency, let amount = reader.value(column).number else { return nil }
        let unused = Amount.foreignScale - limit.exponent
        var unit: Int64 = 1
        for _ in 0..<max(0, unused) { unit *= 10 }
        guard amount % unit != 0 else { return nil }
        let text = Amount.text(amount, scale: Amount.foreignScale)
        let decimals = text.reversed().drop { $0 == "0" }.prefix { $0 != "." }.count
        return Finding(
            .tooManyDecimals,
            .error,
            "\"\(text)\" has \(decimals) decimals; \(limit.code) allows \(limit.exponent)."
        )
    }

    /// Whether the lines that are stored now come to more than the owner has; asked before they are kept.
    ///
    /// - Parameter sum: What they come to.
    func overApplied(sum: Int64) throws -> Finding? {
        guard limitsLines, let ownerType, sum > available, sum != 0 else { return nil }
        let scale = currency?.exponent ?? 2
        return .overApplied(
            sum: Amount.text(sum, scale: scale),
            ownerType.table,
            id: String(decoding: id, as: UTF8.self),
            available: Amount.text(available, scale: scale)
        )
    }
}
