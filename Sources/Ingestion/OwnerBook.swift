import Ledger
import Receivables

/// What the ledger knows of the owner whose set is being written: a payment, a credit memo, a customer or an invoice.
final class OwnerBook {
    private let type: RecordType
    private let transaction: LoadTransaction
    private let ownerType: RecordType?
    private let ownerKey: String
    private let payments: KeyProbe?
    private let invoices: KeyProbe?

    /// The currency of the owner's amounts.
    private(set) var currency: Currency?
    private var id = ""
    private var amount: Int64 = 0
    private var available: Int64 = 0
    private var isKnown = false
    private let hasLines: Bool

    init?(_ type: RecordType, transaction: LoadTransaction) throws {
        guard let owner = type.identity.owners.first else { return nil }
        self.type = type
        self.transaction = transaction
        ownerKey = owner
        hasLines = type.emptySet != nil
        ownerType = type.reference(from: owner).flatMap { Catalogue.type(named: $0.target) }
        payments =
            hasLines
            ? try ownerType.flatMap { try transaction.probe($0, columns: ["currency", "amount", "status"]) }
            : nil
        invoices = try transaction.probe(.openInvoices, columns: ["currency", "customer_id"])
    }

    /// Turns to another owner.
    func look(up reference: (column: String, id: [UInt8])) throws {
        id = String(decoding: reference.id, as: UTF8.self)
        currency = nil
        isKnown = false
        guard let payments else { return }
        guard try reference.id.withUnsafeBytes({ try payments.id(of: $0) }) != nil else { return }
        isKnown = true
        currency = payments.text(0).flatMap { Currency($0) }
        amount = payments.integer(1) ?? 0
        let isVoid = ["voided", "returned", "refunded"].contains(payments.text(2))
        available = isVoid ? 0 : amount
    }

    /// Refuses the row where it does not fit its owner.
    ///
    /// - Parameter keepsAmount: Whether the stored row has an amount in the invoice's currency that this row leaves.
    func judge(_ reader: RowReader, keepsAmount: Bool = false) throws {
        for rule in type.rules {
            if keepsAmount, case .givenIfCurrencyDiffers = rule.condition { continue }
            guard let finding = try breach(rule, reader) else { continue }
            reader.reject(finding, column: finding.code == .currencyMismatch ? "currency" : rule.column)
        }
    }

    private func breach(_ rule: Rule, _ reader: RowReader) throws -> Finding? {
        switch rule.condition {
        case .ownerOf(let column):
            let customer = reader.value(rule.column)
            guard let invoices, let named = customer.string,
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

    /// Whether the set that stands in the store now is more than the owner has; asked before it is kept.
    func overApplied() throws -> Finding? {
        guard hasLines, isKnown, let ownerType else { return nil }
        let sum = try transaction.sumOfLines(type, owner: id)
        guard sum > available, sum != 0 else { return nil }
        let scale = currency?.exponent ?? 2
        return .overApplied(
            sum: Amount.text(sum, scale: scale),
            ownerType.table,
            id: id,
            available: Amount.text(available, scale: scale)
        )
    }

    /// Notes on the owner that lines were loaded for it.
    ///
    /// - Returns: Whether they are the first.
    func noteLines() throws -> Bool {
        guard hasLines, isKnown, let ownerType else { return false }
        return try transaction.noteLines(ownerTable: ownerType.table, key: ownerKey, owner: id)
    }
}
