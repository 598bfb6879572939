import CSV
import Ledger
import Receivables

/// How a row of contacts or lines says whose it is and which of the owner's rows it is.
struct SetNaming {
    private let type: RecordType
    /// The fields that may name the owner, with the mark that tells them apart.
    private let owners: [(field: Int, mark: UInt8)]
    private let idField: Int?
    private let otherField: Int?
    private let idName: String
    private let otherName: String
    private let isContact: Bool

    /// - Returns: `nil` for types whose rows have no owner.
    init?(_ layout: FileLayout) {
        guard case .withinOwner(let owners, let id, let other) = layout.type.identity else { return nil }
        type = layout.type
        self.owners = owners.compactMap { column in
            layout.field(of: column).map { ($0, column == "invoice_id" ? Self.invoice : Self.customer) }
        }
        idField = layout.field(of: id)
        otherField = layout.field(of: other)
        idName = id
        otherName = other
        isContact = layout.type.table == "contact"
    }

    /// The owner of a row: for contacts `i` or `c` and the id, for lines the id of the payment or credit memo.
    ///
    /// - Parameter owner: Takes it, in the place of what it held.
    /// - Returns: Whether the row says one.
    func readOwner(of record: Record, into owner: inout [UInt8]) -> Bool {
        for (field, mark) in owners {
            let cell = Cell.trimmed(record.field(field))
            guard !cell.isEmpty else { continue }
            owner.removeAll(keepingCapacity: true)
            if isContact { owner.append(mark) }
            owner.append(contentsOf: cell)
            return true
        }
        return false
    }

    /// The key of a row within its owner; the first byte says which column it is from.
    ///
    /// - Parameter key: Takes it, in the place of what it held.
    func readKey(of record: Record, into key: inout [UInt8]) {
        key.removeAll(keepingCapacity: true)
        if let idField {
            let cell = Cell.trimmed(record.field(idField))
            if !cell.isEmpty {
                key.append(isContact ? UInt8(ascii: "i") : UInt8(ascii: "a"))
                key.append(contentsOf: cell)
                return
            }
        }
        let cell = otherField.map { Cell.trimmed(record.field($0)) }
        if let cell, !cell.isEmpty {
            if isContact { return appendEmailKey(cell, to: &key) }
            key.append(UInt8(ascii: "i"))
            key.append(contentsOf: cell)
        } else {
            // Rows without any key are never repetitions of one another.
            key.append(Self.nothing)
        }
    }

    func owner(of record: Record) -> [UInt8]? {
        var owner: [UInt8] = []
        return readOwner(of: record, into: &owner) ? owner : nil
    }

    func key(of record: Record) -> [UInt8] {
        var key: [UInt8] = []
        readKey(of: record, into: &key)
        return key
    }

    /// Whether the row gives no key.
    func isUnreadable(_ key: [UInt8]) -> Bool { key.first == Self.nothing }

    func emailKey(_ cell: UnsafeRawBufferPointer) -> [UInt8] {
        var key: [UInt8] = []
        appendEmailKey(cell, to: &key)
        return key
    }

    private func appendEmailKey(_ cell: UnsafeRawBufferPointer, to key: inout [UInt8]) {
        key.append(UInt8(ascii: "e"))
        for byte in cell { key.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) }
    }

    /// The column that a key is from.
    func keyColumn(of key: [UInt8]) -> String {
        let isID = key.first == (isContact ? UInt8(ascii: "i") : UInt8(ascii: "a"))
        return isID ? idName : otherName
    }

    /// The owner without its mark: the id.
    func id(of owner: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        isContact ? UnsafeRawBufferPointer(rebasing: owner.dropFirst()) : owner
    }

    /// The two owner columns of a contact.
    func contactOwner(_ owner: UnsafeRawBufferPointer) -> (customer: FieldValue, invoice: FieldValue) {
        owner.first == Self.invoice ? (.null, .text(id(of: owner))) : (.text(id(of: owner)), .null)
    }

    private static let nothing = UInt8(ascii: "?")
    private static let invoice = UInt8(ascii: "i")
    private static let customer = UInt8(ascii: "c")
}
