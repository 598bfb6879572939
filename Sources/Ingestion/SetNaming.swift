import CSV
import Ledger
import Receivables

/// How a row of contacts or lines says whose it is and which of the owner's rows it is.
struct SetNaming {
    private let type: RecordType
    private let owners: [(column: String, field: Int)]
    private let idField: Int?
    private let otherField: Int?
    private let idName: String
    private let otherName: String
    private let isContact: Bool

    /// - Returns: `nil` for types whose rows have no owner.
    init?(_ layout: FileLayout) {
        guard case .withinOwner(let owners, let id, let other) = layout.type.identity else { return nil }
        type = layout.type
        self.owners = owners.compactMap { column in layout.field(of: column).map { (column, $0) } }
        idField = layout.field(of: id)
        otherField = layout.field(of: other)
        idName = id
        otherName = other
        isContact = layout.type.table == "contact"
    }

    /// The owner of a row: for contacts `i` or `c` and the id, for lines the id of the payment or credit memo.
    func owner(of record: Record) -> [UInt8]? {
        for (column, field) in owners {
            let cell = Cell.trimmed(record.field(field))
            if !cell.isEmpty {
                return (isContact ? [column == "invoice_id" ? Self.invoice : Self.customer] : []) + cell
            }
        }
        return nil
    }

    /// The key of a row within its owner; the first byte says which column it is from.
    func key(of record: Record) -> [UInt8] {
        if let idField {
            let cell = Cell.trimmed(record.field(idField))
            if !cell.isEmpty { return [isContact ? UInt8(ascii: "i") : UInt8(ascii: "a")] + cell }
        }
        guard let otherField else { return Self.nothing }
        let cell = Cell.trimmed(record.field(otherField))
        // Rows without any key are never repetitions of one another.
        guard !cell.isEmpty else { return Self.nothing }
        return isContact ? emailKey(cell) : [UInt8(ascii: "i")] + cell
    }

    /// Whether the row gives no key.
    func isUnreadable(_ key: [UInt8]) -> Bool { key.first == UInt8(ascii: "?") }

    func emailKey(_ cell: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8(ascii: "e")] + cell.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }

    /// The column that a key is from.
    func keyColumn(of key: [UInt8]) -> String {
        let isID = key.first == (isContact ? UInt8(ascii: "i") : UInt8(ascii: "a"))
        return isID ? idName : otherName
    }

    /// The owner without its mark: the id, and the column it stands in.
    func reference(of owner: [UInt8]) -> (column: String, id: [UInt8]) {
        guard isContact else { return (owners.first?.column ?? "", owner) }
        return (owner.first == Self.invoice ? "invoice_id" : "customer_id", Array(owner.dropFirst()))
    }

    /// The two owner columns of a contact.
    func contactOwner(_ owner: [UInt8]) -> (customer: FieldValue, invoice: FieldValue) {
        let id = FieldValue.rewritten(Array(owner.dropFirst()))
        return owner.first == Self.invoice ? (.null, id) : (id, .null)
    }

    private static let nothing = [UInt8(ascii: "?")]
    private static let invoice = UInt8(ascii: "i")
    private static let customer = UInt8(ascii: "c")
}
