import CSV
import Ledger
import Receivables

/// Loads contacts and lines: each owner's rows are one set, which takes the place of the stored one.
///
/// All rows are set aside first, in parts in which the rows of an owner meet. Part by part, owners whose set is known
/// to be stored as it stands are passed over, and the others are settled one after the other.
final class OwnedLoad: RowLoad {
    /// What the load has to know beside the file's layout.
    struct Circumstances {
        /// Rows that another file of the batch names: they are not removed.
        var siblings = Presence()
        /// Whether another file of the batch keeps this one from removing anything.
        var isSuspended = false
        /// The files that make one delivery with this one.
        var companions: Set<Int64> = []
        /// Whether stored rows of owners that the file does not name are removed afterwards.
        var isSnapshot = false
        /// The size of the file in bytes.
        var size: Int64 = 0
        /// By what the file's owners may be known, and are remembered; `nil` where they are not.
        var fingerprint: Fingerprint?
    }

    /// The rows that stand in the store because of this file.
    var present = Presence()
    /// Those of them that the file names, and that are not only left standing.
    var written = Presence()
    /// How many rows were passed over.
    var passedOver = 0
    let circumstances: Circumstances
    let owners: OwnerBook
    let naming: SetNaming
    let stored: OwnedRows
    let table: RecordTable
    let labelTable: RecordTable?
    let sources: [Source]
    let keepsForeignAmount: Bool
    /// The values of the row in hand, in the order of the table's targets.
    var values: [FieldValue] = []
    /// The stored rows of the owner in hand.
    var standing: [OwnedRows.Stored] = []
    var key: [UInt8] = []
    private var owner: [UInt8] = []
    /// The rows of the owner in hand.
    var members: [OwnedMember] = []
    let rows: PartedRows
    /// Hashes owners and keys, which only points out where to look closer.
    let owning: RecordHasher
    /// Hashes records, which stands for their bytes.
    let hasher: RecordHasher?
    /// The owners of whose rows other files have some parked.
    private var parked = OwnerHashes()

    /// Where the value of a column comes from.
    enum Source {
        case cell(Int)
        case owner
        case key
        case customer
        case file([UInt8])
        case scale
    }

    /// The same everywhere, so that the rows of a file are taken in in the same order everywhere.
    private static let owningKey = (0..<32 as Range<UInt8>).map { $0 &* 59 &+ 17 }
    static let foreignAmount = "amount_invoice_currency"

    init?(
        _ transaction: LoadTransaction,
        layout: FileLayout,
        settings: LoadSettings,
        batch: Batch,
        _ circumstances: Circumstances,
        isHealing: Bool = false
    ) throws {
        let type = layout.type
        guard let naming = SetNaming(layout), let owners = try OwnerBook(layout, settings, transaction)
        else { return nil }
        self.naming = naming
        self.owners = owners
        self.circumstances = circumstances
        stored = try transaction.ownedRows(type)
        rows = try transaction.partRows(expecting: circumstances.size, limits: settings.tuning.parts)
        hasher = circumstances.fingerprint?.hasher
        owning = RecordHasher(fingerprint: Self.owningKey, isWeak: settings.tuning.hashesWeakly)
        keepsForeignAmount = !layout.has(Self.foreignAmount) || settings.blankKeeps
        let plan = Self.plan(layout, settings)
        sources = plan.map(\.source)
        table = try transaction.table(
            of: type,
            key: [type.ownerColumn, "owner_key"],
            targets: plan.map(\.target),
            watched: type.column(named: Self.foreignAmount) == nil ? [] : [Self.foreignAmount]
        )
        let label = ["owner", "owner_key", "customer_id", "invoice_id", "email", "source"].map {
            RecordTable.Target($0)
        }
        labelTable =
            layout.labels.isEmpty
            ? nil : try transaction.table(of: type, key: ["owner", "owner_key"], targets: label)
        try super.init(transaction, layout: layout, settings: settings, batch: batch, isHealing: isHealing)
        if parksOthers {
            try transaction.forEachParkedOwner(of: type) { parked.insert(owning.hash($0).low) }
        }
    }

    /// The columns that are written, with where their values come from.
    private static func plan(_ layout: FileLayout, _ settings: LoadSettings) -> [(
        target: RecordTable.Target, source: Source
    )] {
        let type = layout.type
        let isContact = type.table == "contact"
        var plan: [(target: RecordTable.Target, source: Source)] = []
        for (index, column) in type.columns.enumerated() where layout.fields[index] != nil {
            let target = RecordTable.Target(
                column.name,
                keepsOnNull: settings.blankKeeps,
                keepsEntered: column.keepsUserValue
            )
            // A contact of an invoice shows that invoice's customer, whatever the row says beside it.
            plan.append((target, isContact && column.name == "customer_id" ? .customer : .cell(index)))
        }
        if isContact { plan.append((RecordTable.Target("owner"), .owner)) }
        plan.append((RecordTable.Target("owner_key"), .key))
        if isContact {
            plan.append((RecordTable.Target("source"), .file(Array("\(type.name)/email".utf8))))
        } else {
            plan.append((RecordTable.Target("scale"), .scale))
        }
        return plan
    }

    /// Takes one row of the file in; it is judged when its set is whole.
    func stage(_ record: Record) throws {
        counts.total += 1
        let place = RecordPlace(record: record.number, line: record.line, byteOffset: record.byteOffset)
        if let damage = reader.damage(of: record, keyField: nil) {
            try reject(damage, at: place)
            hidesAbsence = true
        } else if naming.readOwner(of: record, into: &owner) {
            try setAside(record, at: place)
        } else {
            hidesAbsence = true
            try rejectOwnerless(record, at: place)
        }
    }

    /// Takes a parked row in.
    func stage(_ row: ParkedRow) throws {
        try row.bytes.withUnsafeBytes { bytes in
            try withRecord(bytes) { record in
                guard naming.readOwner(of: record, into: &owner) else { return }
                try setAside(record, at: row.place)
            }
        }
    }

    private func setAside(_ record: Record, at place: RecordPlace) throws {
        naming.readKey(of: record, into: &key)
        let keyHash = key.withUnsafeBytes { owning.hash($0).low }
        try owner.withUnsafeBytes { owner in
            try rows.append(
                owner: owner,
                hash: owning.hash(owner).low,
                keyHash: keyHash,
                at: place,
                bytes: record.bytes
            )
        }
    }

    private func rejectOwnerless(_ record: Record, at place: RecordPlace) throws {
        reader.read(record)
        if type.rules.contains(where: { $0.condition == .hasOwner }) {
            reader.reject(.ownerAmbiguous, column: type.identity.owners.last)
        }
        try reject(at: place)
    }

    /// Judges and writes all sets, after the last row was taken in.
    func finish(pulse: Pulse) throws {
        var memory = try openMemory()
        if circumstances.fingerprint != nil { try stored.dropIndex() }
        for part in 0..<rows.count {
            if rows.isOversize(part) {
                try memory?.forget(rows.hashes(of: part))
                try settleOversize(part, pulse)
            } else {
                try rows.withPart(part) { try settle($0, &memory, pulse) }
                try memory?.closePart()
            }
        }
        try rows.clear()
        try stored.restoreIndex()
        try memory?.close()
    }

    /// The memory of the owners, if this file may use it.
    private func openMemory() throws -> OwnerMemory? {
        guard let fingerprint = circumstances.fingerprint else { return nil }
        let manifest = try transaction.ownerManifest(type, fingerprint: fingerprint.bytes)
        var void = parked
        try manifest.forEachTouched { void.insert(owning.hash($0).low) }
        return try OwnerMemory(manifest, void: void, keepsOthers: !circumstances.isSnapshot)
    }

    /// Whether other files may have rows of the owner parked.
    func mayBeParked(_ hash: UInt64) -> Bool { parked.mayContain(hash) }
}
