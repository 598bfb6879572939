import CSV
import Ledger
import Receivables

/// Loads contacts and lines: each owner's rows are one set, which takes the place of the stored one.
final class OwnedLoad: RowLoad {
    /// The rows that stand in the store because of this file.
    private(set) var present = Presence()
    private let staged: StagedRows
    private let table: RecordTable
    private let labelTable: RecordTable?
    private let targets: [RecordTable.Target]
    private let sources: [Int?]
    private let owners: OwnerBook
    private let naming: SetNaming
    /// Keys that another file of the batch names: they are not removed.
    private let siblings: Presence
    private let keepsForeignAmount: Bool
    /// Whether another file of the batch keeps this one from removing anything.
    private let isSuspended: Bool
    /// The files that make one delivery with this one.
    private let companions: Set<Int64>

    init?(
        _ transaction: LoadTransaction,
        layout: FileLayout,
        settings: LoadSettings,
        batch: Batch,
        siblings: Presence = Presence(),
        isSuspended: Bool = false,
        companions: Set<Int64> = [],
        isHealing: Bool = false
    ) throws {
        let type = layout.type
        guard let naming = SetNaming(layout), let owners = try OwnerBook(type, transaction: transaction)
        else { return nil }
        self.naming = naming
        self.owners = owners
        self.siblings = siblings
        self.isSuspended = isSuspended
        self.companions = companions
        staged = try transaction.stageRows()
        var targets: [RecordTable.Target] = []
        var sources: [Int?] = []
        for (index, column) in type.columns.enumerated() where layout.fields[index] != nil {
            targets.append(
                RecordTable.Target(
                    column.name,
                    keepsOnNull: settings.blankKeeps,
                    keepsEntered: column.keepsUserValue
                )
            )
            sources.append(index)
        }
        for name in Self.derived[type.table] ?? [] {
            targets.append(RecordTable.Target(name))
            sources.append(nil)
        }
        self.targets = targets
        self.sources = sources
        keepsForeignAmount = !layout.has(Self.foreignAmount) || settings.blankKeeps
        table = try transaction.table(
            of: type,
            key: [type.ownerColumn, "owner_key"],
            targets: targets,
            watched: type.column(named: Self.foreignAmount) == nil ? [] : [Self.foreignAmount]
        )
        let label = ["owner", "owner_key", "customer_id", "invoice_id", "email", "source"].map {
            RecordTable.Target($0)
        }
        labelTable =
            layout.labels.isEmpty
            ? nil : try transaction.table(of: type, key: ["owner", "owner_key"], targets: label)
        try super.init(transaction, layout: layout, settings: settings, batch: batch, isHealing: isHealing)
    }

    private static let foreignAmount = "amount_invoice_currency"

    /// Whether the stored row has an amount in the invoice's currency that the file's row leaves as it is.
    private func keepsAmount(owner: [UInt8], key: [UInt8]) throws -> Bool {
        guard keepsForeignAmount, type.emptySet != nil, reader.value(Self.foreignAmount).isNull else {
            return false
        }
        return try table.find(.rewritten(owner), .rewritten(key)) != nil && table.integer(watched: 0) != nil
    }

    private static let derived = [
        "contact": ["owner", "owner_key", "source"], "payment_line": ["owner_key", "scale"],
        "credit_memo_line": ["owner_key", "scale"],
    ]

    /// Takes one row of the file in; it is judged when its set is whole.
    func stage(_ record: Record) throws {
        counts.total += 1
        let place = RecordPlace(record: record.number, line: record.line, byteOffset: record.byteOffset)
        if let damage = reader.damage(of: record, keyField: nil) {
            try reject(damage, at: place)
            hidesAbsence = true
            return
        }
        guard let owner = naming.owner(of: record) else {
            hidesAbsence = true
            return try rejectOwnerless(record, at: place)
        }
        try staged.append(owner: owner, key: naming.key(of: record), at: place, bytes: record.bytes)
    }

    /// Takes a parked row in.
    func stage(_ row: ParkedRow) throws {
        try withRecord(row.bytes) { record in
            guard let owner = naming.owner(of: record) else { return }
            try staged.append(owner: owner, key: naming.key(of: record), at: row.place, bytes: record.bytes)
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
        try staged.forEachOwner { owner in
            try pulse.beat(bytes: 0)
            if !layout.isCorrection { try endParking(.owner(owner), except: companions) }
            try settle(owner)
        }
        try staged.clear()
    }

    /// Writes one owner's set, or refuses all of it when it comes to more than the owner has.
    private func settle(_ owner: [UInt8]) throws {
        let before = (counts, judged.count)
        var refusal: Finding?
        try transaction.attempt {
            try write(owner, refusing: nil)
            refusal = try owners.overApplied()
            return refusal == nil
        }
        guard let refusal else { return }
        counts = before.0
        forgetJudged(after: before.1)
        try write(owner, refusing: refusal)
    }

    /// What is known of the set while it is written.
    private struct Progress {
        var met: Set<Int64> = []
        var mainKeys: Set<[UInt8]> = []
        var isWhole = true
        /// The contact that is primary now; 0 while its row is not written yet.
        var primary: Int64?
        var hasLines = false
        var labels: [(values: [FieldValue], key: [UInt8], isUnchanged: Bool)] = []
        var emptySets: [RecordPlace] = []
    }

    private func write(_ owner: [UInt8], refusing refusal: Finding?) throws {
        try owners.look(up: naming.reference(of: owner))
        var progress = Progress()
        if isHealing, type.table == "contact" { progress.primary = try transaction.primaryContact(of: owner) }
        try staged.forEachMember(of: owner) { member in
            try withRecord(member.bytes) { record in
                try judge(record, member, owner: owner, refusing: refusal, &progress)
            }
        }
        if refusal == nil { try complete(owner, progress) }
    }

    private func judge(
        _ record: Record,
        _ member: StagedRows.Member,
        owner: [UInt8],
        refusing refusal: Finding?,
        _ progress: inout Progress
    ) throws {
        reader.read(record, ownerCurrency: owners.currency)
        let place = member.place
        if layout.isCorrection || !companions.isEmpty {
            try endParking(.key(owner + [0] + member.key))
        }
        if reader.saysEmpty, member.ownerRows > 1 {
            reader.reject(.requiredBlank, column: type.emptySet?.blank)
        }
        if try settleRepetition(member, owner: owner, isRefused: refusal != nil, &progress) { return }
        try owners.judge(reader, keepsAmount: keepsAmount(owner: owner, key: member.key))
        let (missing, kept) = try parents(handlesOwn: false)
        if reader.problems.isEmpty, missing.isEmpty, let refusal {
            reader.reject(refusal, column: "amount")
        }
        // A parked row is judged for good only when all its parents are known.
        guard reader.problems.isEmpty || isHealing && !missing.isEmpty else {
            progress.isWhole = false
            return try reject(at: place, missing: missing)
        }
        guard missing.isEmpty else {
            progress.isWhole = false
            try park(missing, at: place, key: owner + [0] + member.key, owner: owner, bytes: record.bytes)
            return
        }
        if reader.saysEmpty {
            progress.emptySets.append(place)
        } else {
            try apply(record, member, owner: owner, kept: kept, &progress)
        }
    }

    /// - Returns: Whether the row is dealt with, since another row with its key counts instead.
    private func settleRepetition(
        _ member: StagedRows.Member,
        owner: [UInt8],
        isRefused: Bool,
        _ progress: inout Progress
    ) throws -> Bool {
        guard member.copies > 1, !naming.isUnreadable(member.key) else { return false }
        let place = member.place
        let column = naming.keyColumn(of: member.key)
        // What is no address cannot be the same address.
        guard !reader.problems.contains(where: { $0.finding.code == .badEmail && $0.column == column }) else {
            return false
        }
        if member.areIdentical {
            guard place.record != member.firstRecord, !isRefused, reader.problems.isEmpty else {
                return false
            }
            try owners.judge(reader, keepsAmount: keepsAmount(owner: owner, key: member.key))
            guard try isFlawless(handlesOwn: false) else {
                // Judged again below, with everything else.
                reader.forgetProblems()
                return false
            }
            count(.unchanged, at: place)
            let finding = Finding.duplicateIdentical(record: Int(member.firstRecord))
            try transaction.issues.append(finding, at: place, column: column)
            return true
        }
        let text = String(decoding: member.key.dropFirst(), as: UTF8.self)
        let finding = Finding.duplicateKey(text, records: member.twins.map { Int($0) })
        let isFirst = place.record == member.firstRecord
        let isLast = member.twins.allSatisfy { $0 < place.record }
        switch settings.duplicates {
        case .fail:
            reader.reject(finding, column: column)
            return false
        case .first where isFirst, .last where isLast:
            return false
        case .first, .last:
            guard reader.problems.isEmpty else {
                progress.isWhole = false
                try reject(at: place)
                return true
            }
            count(.unchanged, at: place)
            try transaction.issues.append(
                Finding(.duplicateKey, .warning, finding.text, hint: "This row was skipped."),
                at: place,
                column: column
            )
            return true
        }
    }

    private func apply(
        _ record: Record,
        _ member: StagedRows.Member,
        owner: [UInt8],
        kept: [(finding: Finding, column: String)],
        _ progress: inout Progress
    ) throws {
        let claimsPrimary = reader.value("is_primary").number == 1
        if claimsPrimary, progress.primary != nil { reader.replace("is_primary", with: .integer(0)) }
        let values = rowValues(owner: owner, key: member.key)
        let outcome: Outcome
        let stored: Int64
        if let id = try table.find(.rewritten(owner), .rewritten(member.key)) {
            stored = id
            progress.met.insert(id)
            present.insert(id)
            outcome = try table.differs(values) ? .updated : .unchanged
            if outcome == .updated { try table.update(values, id: id) }
        } else {
            outcome = .inserted
            let id = try table.insert(values)
            progress.met.insert(id)
            present.insert(id)
            stored = id
        }
        if claimsPrimary, progress.primary == nil { progress.primary = stored }
        count(outcome, at: member.place)
        if outcome != .unchanged { try warn(kept, at: member.place) }
        progress.mainKeys.insert(member.key)
        progress.hasLines = true
        for label in layout.labels {
            let cell = Cell.trimmed(record.field(label.field))
            guard !cell.isEmpty else { continue }
            let key = naming.emailKey(cell)
            let (customer, invoice) = naming.contactOwner(owner)
            progress.labels.append(
                (
                    [
                        .rewritten(owner), .rewritten(key), customer, invoice, .rewritten(Array(cell)),
                        .text(of: label.source),
                    ],
                    key, outcome == .unchanged
                )
            )
        }
    }

    private func rowValues(owner: [UInt8], key: [UInt8]) -> [FieldValue] {
        zip(targets, sources).map { target, source in
            if let source {
                // A contact of an invoice shows that invoice's customer, whatever the row says beside it.
                if target.name == "customer_id", type.table == "contact" {
                    return naming.contactOwner(owner).customer
                }
                return reader.values[source]
            }
            switch target.name {
            case "owner": return .rewritten(owner)
            case "owner_key": return .rewritten(key)
            case "source": return .text(of: "\(type.name)/email")
            case "scale": return .integer(Int64(owners.currency?.exponent ?? 2))
            default: return .null
            }
        }
    }

    /// Adds the further addresses, removes what the file no longer names, and notes that there were lines.
    private func complete(_ owner: [UInt8], _ progress: Progress) throws {
        var progress = progress
        if type.table == "contact", let primary = progress.primary {
            try transaction.makeOnlyPrimary(contact: primary, of: owner)
        }
        try writeLabels(&progress)
        var removed = 0
        let sources = Set(layout.labels.map(\.source) + ["\(type.name)/email"])
        let stored = String(decoding: owner, as: UTF8.self)
        for row in try transaction.ownedRows(type, owner: stored) where !progress.met.contains(row.id) {
            // A column that the file does not have says nothing about the contacts that came from it.
            let isUntold = row.source.map { !sources.contains($0) } ?? false
            if !mayRemove || !progress.isWhole || isUntold || siblings.contains(row.id) {
                present.insert(row.id)
            } else {
                try transaction.delete(type, id: row.id)
                removed += 1
            }
        }
        counts.deleted += removed
        let hasFirstLines = progress.hasLines || !progress.emptySets.isEmpty ? try owners.noteLines() : false
        for place in progress.emptySets {
            count(removed > 0 || hasFirstLines ? .updated : .unchanged, at: place)
        }
    }

    private func writeLabels(_ progress: inout Progress) throws {
        guard let labelTable else { return }
        for label in progress.labels where !progress.mainKeys.contains(label.key) {
            progress.mainKeys.insert(label.key)
            var hasChanged = true
            if let id = try labelTable.find(label.values[0], label.values[1]) {
                progress.met.insert(id)
                present.insert(id)
                hasChanged = try labelTable.differs(label.values)
                if hasChanged { try labelTable.update(label.values, id: id) }
            } else {
                let id = try labelTable.insert(label.values)
                progress.met.insert(id)
                present.insert(id)
            }
            if hasChanged, label.isUnchanged {
                counts.unchanged -= 1
                counts.updated += 1
            }
        }
    }

    /// Whether rows that the file leaves out may be removed.
    private var mayRemove: Bool {
        !hidesAbsence && !isHealing && !layout.isCorrection && !settings.deltaTypes.contains(type.name)
            && !isSuspended
    }
}
