import CSV
import Ledger
import Receivables

/// Reads the cells of one row after the other, and collects everything that is wrong with each.
///
/// The values point into the record and are good until the reader goes on.
final class RowReader {
    /// What the bytes of a row show before any cell is read.
    struct Damage {
        var findings: [(finding: Finding, byteOffset: Int64?)] = []
        /// Whether the key cell cannot be trusted, so that it is not known which record the row names.
        var hidesKey = false
        var hasWrongCount = false
    }

    let layout: FileLayout
    let type: RecordType
    private let reading: FieldReading
    private let formats: [ColumnFormat]
    /// The cells that are read of each row, in the order of the type's columns: the field and the column.
    private let present: [(field: Int, column: Int)]
    private let plan: CellPlan
    private let currencyColumn: Int?
    private let emptySet: (blank: Int, zero: Int)?
    private let turning: [Int]

    // The row in hand. Memory of the reader's own, so that a row costs no allocation.
    private let cells: UnsafeMutablePointer<UnsafeRawBufferPointer>
    private let unread: UnsafeMutablePointer<Int>
    private let flat: UnsafeMutablePointer<FlatValue>
    private var rewritten = RewrittenText()
    private var hasRewritten = false
    private var currencyCode: (UInt8, UInt8, UInt8) = (0, 0, 0)
    private var lastCurrency: Currency?

    /// What is wrong with the row, with the column it is about.
    private(set) var problems: [(finding: Finding, column: String?)] = [] {
        didSet { hasProblems = !problems.isEmpty }
    }
    // Asked for each row: to look into a collection of an object costs a check that nobody changes it just now.
    private(set) var hasProblems = false
    /// The currency of the row's amounts.
    private(set) var currency: Currency?
    /// Whether the row says that its owner has no records.
    private(set) var saysEmpty = false
    /// The amounts that came with the wrong sign, as they were.
    private(set) var turned: [String: Int64] = [:] { didSet { hasTurned = !turned.isEmpty } }
    private(set) var hasTurned = false

    init(_ layout: FileLayout, settings: LoadSettings) {
        self.layout = layout
        type = layout.type
        reading = settings.reading(of: layout.type)
        formats = layout.type.columns.map(\.format)
        present = formats.indices.compactMap { column in layout.fields[column].map { ($0, column) } }
        plan = CellPlan(layout.type.columns, present: present.map(\.column), reading: reading)
        // Lines are in the currency of their payment, which only the ledger knows.
        currencyColumn = layout.type.identity.owners.isEmpty ? layout.type.index(of: "currency") : nil
        emptySet = layout.type.emptySet.flatMap { set in
            layout.type.index(of: set.blank).flatMap { blank in
                layout.type.index(of: set.zero).map { (blank, $0) }
            }
        }
        turning = layout.type.rules.compactMap { rule in
            rule.condition == .madePositive ? layout.type.index(of: rule.column) : nil
        }
        cells = .allocate(capacity: max(1, present.count))
        cells.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: present.count)
        unread = .allocate(capacity: max(1, present.count))
        unread.initialize(repeating: 0, count: present.count)
        flat = .allocate(capacity: max(1, formats.count))
        flat.initialize(repeating: .null, count: formats.count)
    }

    deinit {
        cells.deallocate()
        unread.deallocate()
        flat.deallocate()
    }

    /// One value for each native column of the type; null where the file has no such column.
    ///
    /// Behind each text `Record.padding` further bytes may be read.
    var values: RowValues { RowValues(flat: UnsafePointer(flat)) }

    /// What is wrong with the row as a whole; `nil` for a row whose cells can be read.
    func damage(of record: Record, keyField: Int?) -> Damage? {
        let isWrong = record.count != layout.fieldCount
        let invalid = record.invalidUTF8()
        guard isWrong || invalid != nil || !record.flaws.isDisjoint(with: .damage) else { return nil }
        var damage = Damage()
        let nul = record.flaws.contains(.nul) ? record.firstFlaw : nil
        if record.flaws.contains(.strayCR) {
            damage.findings.append((.strayCarriageReturn, record.firstFlaw?.byteOffset))
            damage.hidesKey = true
        } else if record.flaws.contains(.textAfterQuote) || record.flaws.contains(.resynchronised) && !isWrong
        {
            damage.findings.append((.badQuoting, record.firstFlaw?.byteOffset))
            damage.hidesKey = true
        } else if let place = nul ?? invalid {
            damage.findings.append(
                (.badEncoding(byte: Int(place.byteOffset), encoding: "UTF-8"), place.byteOffset)
            )
            if keyField.map({ place.field <= $0 }) ?? true { damage.hidesKey = true }
        } else {
            damage.findings.append((wrongCount(record), nil))
        }
        // The number of cells means little once a quote or a line end was lost, so that it is not a finding of its own.
        if isWrong {
            damage.hasWrongCount = true
            if keyField.map({ $0 >= record.count }) ?? true { damage.hidesKey = true }
        }
        if record.flaws.contains(.resynchronised) { damage.hidesKey = true }
        return damage
    }

    private func wrongCount(_ record: Record) -> Finding {
        let finding = Finding.wrongFieldCount(found: record.count, expected: layout.fieldCount)
        let hints = record.hints()
        if hints.contains(.typographicQuotes) {
            return finding.hinting("Typographic quotes do not enclose a cell; use straight quotes (\").")
        }
        if hints.contains(.spaceBeforeQuote) {
            return finding.hinting(
                "A space stands before a quote, which makes the quote an ordinary character."
            )
        }
        if record.bytes.contains(0x5C), hints.contains(.bareQuote) {
            return finding.hinting("A backslash does not escape a quote; write the quote twice.")
        }
        return finding
    }

    /// Reads all native cells.
    ///
    /// - Parameters:
    ///   - record: A record without damage.
    ///   - owner: The currency of the row's owner, for types whose amounts are in it.
    func read(_ record: Record, ownerCurrency owner: Currency? = nil) {
        if hasProblems { problems.removeAll(keepingCapacity: true) }
        if hasRewritten { rewritten.forget() }
        hasRewritten = false
        currency = owner
        if let column = currencyColumn, let field = layout.fields[column] {
            currency = currency(of: record.field(field))
        }
        saysEmpty = emptySet != nil && isEmptySet(record)
        for index in 0..<present.count { cells[index] = record.field(present[index].field) }
        let left = plan.read(cells, scale: currency?.exponent, into: flat, unread: unread)
        for place in 0..<left { readRare(cells[unread[place]], column: present[unread[place]].column) }
        if !turning.isEmpty { turnSigns() }
        for label in layout.labels {
            let cell = record.field(label.field)
            if case .problem(let problem) = reading.read(cell, as: .email, scale: nil) {
                problems.append((problem.finding(of: cell), layout.names[label.field]))
            }
        }
    }

    /// The currency of a cell; that of the row before is at hand.
    private func currency(of cell: UnsafeRawBufferPointer) -> Currency? {
        let text = Cell.trimmed(cell)
        guard text.count == 3 else { return nil }
        let code = (text[0], text[1], text[2])
        if code == currencyCode { return lastCurrency }
        currencyCode = code
        lastCurrency = Currency(text)
        return lastCurrency
    }

    /// Reads a cell that is wrong, or not as most are.
    private func readRare(_ cell: UnsafeRawBufferPointer, column: Int) {
        switch reading.read(cell, as: formats[column], scale: currency?.exponent) {
        case .value(let value):
            flat[column] = keep(value)
            if case .null = value, type.columns[column].class == .required, Cell.isBlank(cell),
                !(saysEmpty && column == emptySet?.blank)
            {
                problems.append((.requiredBlank, type.columns[column].name))
            }
        case .problem(let problem):
            flat[column] = .null
            // Without a currency an amount is judged by its form alone.
            if currency == nil, case .money(in: .invoice, _) = formats[column], problem.code != .badDecimal,
                problem.code != .nullLiteral
            {
                return
            }
            problems.append((problem.finding(of: cell, currency: currency?.code), type.columns[column].name))
        }
    }

    private func turnSigns() {
        if hasTurned { turned.removeAll(keepingCapacity: true) }
        for column in turning {
            guard let amount = flat[column].integer, amount < 0 else { continue }
            flat[column] = .integer(-amount)
            turned[type.columns[column].name] = amount
        }
    }

    /// Whether the row says that its owner has no records.
    func isEmptySet(_ record: Record) -> Bool {
        guard let emptySet, let blank = layout.fields[emptySet.blank],
            let zero = layout.fields[emptySet.zero],
            Cell.isBlank(record.field(blank)),
            case .value(.integer(0)) = reading.read(record.field(zero), as: .money(), scale: 4)
        else { return false }
        return true
    }

    func reject(_ finding: Finding, column: String?) {
        problems.append((finding, column))
    }

    /// Takes back what was found beyond the cells themselves.
    func forgetProblems() { problems.removeAll(keepingCapacity: true) }

    func value(_ column: String) -> FieldValue { type.index(of: column).map { values[$0] } ?? .null }

    func replace(_ column: String, with value: FieldValue) {
        if let index = type.index(of: column) { flat[index] = keep(value) }
    }

    private func keep(_ value: FieldValue) -> FlatValue {
        hasRewritten = true
        return rewritten.keep(value)
    }
}

/// The values of the row in hand, by column.
struct RowValues {
    /// The same as they lie in memory.
    let flat: UnsafePointer<FlatValue>

    subscript(column: Int) -> FieldValue { flat[column].value }
}

/// Texts that do not stand in the record itself: kept until the next row.
private struct RewrittenText: ~Copyable {
    private var kept: [UnsafeMutableRawBufferPointer] = []

    deinit { for text in kept { text.deallocate() } }

    mutating func keep(_ value: FieldValue) -> FlatValue {
        switch value {
        case .null: return .null
        case .integer(let number): return .integer(number)
        case .text(let bytes): return .text(bytes)
        case .rewritten(let bytes):
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: bytes.count + Record.padding,
                alignment: 1
            )
            copy.copyBytes(from: bytes)
            kept.append(copy)
            return .text(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
        }
    }

    mutating func forget() {
        for text in kept { text.deallocate() }
        kept.removeAll(keepingCapacity: true)
    }
}

extension FieldValue {
    var isNull: Bool { if case .null = self { true } else { false } }
    var number: Int64? { if case .integer(let number) = self { number } else { nil } }

    /// The text, for comparisons and messages; `nil` for null and integers.
    var string: String? {
        switch self {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .rewritten(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null, .integer: nil
        }
    }

    /// The bytes of a text, handed to `body`.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
        switch self {
        case .text(let bytes): try body(bytes)
        case .rewritten(let bytes): try bytes.withUnsafeBytes(body)
        case .null, .integer: nil
        }
    }

    static func text(of string: String) -> FieldValue { .rewritten(Array(string.utf8)) }
}
