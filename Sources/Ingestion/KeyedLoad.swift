import CSV
import Ledger
import Receivables

/// Loads the types whose rows stand for themselves: subsidiaries, customers, invoices, receipts, credit memos.
final class KeyedLoad: RowLoad {
    /// The rows that the file names, whatever became of them: none of these is missing.
    private(set) var present = Presence()
    /// Open records that a row sets to zero; the guard counts them as cleared.
    private(set) var closing = 0
    private var table: RecordTable
    let keyColumn: Int
    private let keyField: Int
    private let keyName: String
    /// The place of the status among the native columns, and whether the file has it.
    private let status: (column: Int?, isGiven: Bool)
    /// The place of the key among the targets.
    private let keyPlace: Int
    /// The columns that a row of the file writes.
    let targets: [RecordTable.Target]
    /// The place of each target's value among the native columns; `nil` for what is worked out.
    let sources: [Int?]
    /// Whether the row in hand is stored already, so that the table shows what it holds.
    private var isAtHand = false
    let customs: CustomText
    private let repeated: RepeatedKeys?
    let rules: RuleBook
    private let lines: RecordType?
    /// Rows whose parent is of the same type wait here until all rows are known.
    private let edges: ParentEdges?
    private let needsParent: Bool
    /// A whole snapshot ends all parking of its type at once.
    private let endsParkingByKey: Bool

    /// What is remembered of rows that wait for their parent until all rows are known.
    var family = FamilyNotes()

    /// Notices repeated keys where the file was not looked through before.
    var watch: KeyWatch?
    /// The row that the record last loaded has become, if its bytes give just this row and nothing about it is open.
    private(set) var settled: (row: Int64, outcome: Outcome)?

    private static let watched = [
        "subsidiary": [], "customer": ["parent_wanted", "parent_id"],
        "invoice": ["status", "cleared_date", "updated_at"],
        "payment": ["status", "updated_at"], "credit_memo": ["status", "updated_at"],
    ]

    init?(
        _ transaction: LoadTransaction,
        layout: FileLayout,
        settings: LoadSettings,
        batch: Batch,
        repeated: RepeatedKeys?,
        hasCompanions: Bool = false,
        isHealing: Bool = false
    ) throws {
        let type = layout.type
        guard case .single(let key) = type.identity, let keyColumn = type.index(of: key),
            let keyField = layout.fields[keyColumn]
        else { return nil }
        self.keyColumn = keyColumn
        self.keyField = keyField
        self.repeated = repeated
        keyName = key
        status = (type.index(of: "status"), layout.has("status"))
        let customNames = try layout.customs.map { custom in
            try transaction.customColumn(type: type.name, normalised: custom.normalised, name: custom.name)
                .name
        }
        customs = CustomText(layout, names: customNames)
        var targets: [RecordTable.Target] = []
        var sources: [Int?] = []
        let own = type.references.first { $0.target == type.name }
        for (index, column) in type.columns.enumerated() where layout.fields[index] != nil {
            let isLinkedLater = column.name == own?.column && type.table == "customer"
            targets.append(
                RecordTable.Target(
                    isLinkedLater ? "parent_wanted" : column.name,
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
        if !customNames.isEmpty {
            targets.append(RecordTable.Target("custom", isPatch: true))
            sources.append(nil)
        }
        self.targets = targets
        self.sources = sources
        keyPlace = sources.firstIndex(of: keyColumn) ?? 0
        table = try transaction.table(
            of: type,
            key: [key],
            targets: targets,
            watched: Self.watched[type.table] ?? []
        )
        rules = try RuleBook(type, transaction: transaction)
        lines = Catalogue.linesType(of: type)
        endsParkingByKey =
            !type.isSnapshot || layout.isCorrection || settings.deltaTypes.contains(type.name)
            || hasCompanions
        if let own, layout.has(own.column) {
            edges = try transaction.parentEdges(table: type.table, key: key)
            needsParent = own.whenUnknown == .park
        } else {
            edges = nil
            needsParent = false
        }
        try super.init(transaction, layout: layout, settings: settings, batch: batch, isHealing: isHealing)
    }

    /// What is worked out for each row, in the order in which ``apply(_:at:)`` gives it.
    private static let derived = [
        "customer": ["scale", "stub"], "invoice": ["scale", "status", "cleared_date"], "payment": ["scale"],
        "credit_memo": ["scale"],
    ]

    /// Counts the repetition of a row.
    func countTwin(of first: Int64, at place: RecordPlace) throws {
        count(.unchanged, at: place)
        try transaction.issues.append(.duplicateIdentical(record: Int(first)), at: place, column: keyName)
    }

    /// Takes over rows that need no judging, since they are stored just as they stand in the file.
    func addUnchanged(_ rows: Int, named: Presence) {
        counts.total += rows
        counts.unchanged += rows
        present = present.union(named)
    }

    /// Takes over rows that were stored without being judged here.
    func addInserted(_ rows: Int, from id: Int64) {
        counts.total += rows
        counts.inserted += rows
        for row in id..<id + Int64(rows) { present.insert(row) }
    }

    /// Judges one row of the file, and writes it if it is good.
    ///
    /// - Parameter likely: The stored row that it probably is.
    func load(_ record: Record, likely: Int64? = nil) throws {
        counts.total += 1
        settled = nil
        let place = RecordPlace(record: record.number, line: record.line, byteOffset: record.byteOffset)
        if let damage = reader.damage(of: record, keyField: keyField) {
            try reject(damage, at: place)
            return try notePresence(of: record, damage)
        }
        try judge(record, at: place, likely: likely)
    }

    /// Marks what a damaged row may have named: its key cell, and every cell that is a stored key.
    private func notePresence(of record: Record, _ damage: RowReader.Damage) throws {
        guard !damage.hidesKey else { return }
        guard !Cell.isBlank(record.field(keyField)) else {
            hidesAbsence = true
            return
        }
        for field in damage.hasWrongCount ? Array(0..<record.count) : [keyField] {
            try markPresent(Cell.trimmed(record.field(field)))
        }
        if !damage.hasWrongCount, endsParkingByKey {
            try endParking(.key(Array(Cell.trimmed(record.field(keyField)))))
        }
    }

    func markPresent(_ key: UnsafeRawBufferPointer) throws {
        if let id = try table.find(.text(key)) { present.insert(id) }
    }

    /// Judges a row whose bytes are sound.
    func judge(_ record: Record, at place: RecordPlace, likely: Int64? = nil, isRetry: Bool = false) throws {
        try transaction.changes?.stand(at: place)
        reader.read(record)
        isAtHand = false
        let key = Cell.trimmed(record.field(keyField))
        guard !key.isEmpty else {
            hidesAbsence = true
            return try reject(at: place, missing: parents(handlesOwn: false).missing)
        }
        let id = try find(key, likely: likely)
        if let id { present.insert(id) }
        if let watch, !isRetry {
            if let id { try watch.meet(row: id) } else { try watch.meet(key: key) }
        }
        if endsParkingByKey, !isRetry { try endParking(.key(Array(key))) }
        let storedStatus = id != nil && lines != nil ? table.text(watched: 0) : nil
        rules.judge(reader, status: effectiveStatus(stored: storedStatus), stored: id == nil ? nil : table)
        if let repeated, !isHealing, !isRetry, try settleRepetition(repeated, key: key, at: place) { return }
        let (missing, kept) = try parents(handlesOwn: edges != nil)
        // A parked row is judged for good only when all its parents are known.
        guard reader.problems.isEmpty || isHealing && !missing.isEmpty else {
            noteLostChild(at: place)
            return try reject(at: place, missing: missing)
        }
        guard missing.isEmpty else {
            try park(missing, at: place, key: Array(key), owner: nil, bytes: record.bytes)
            return
        }
        // Its parent may stand further down in this file.
        if needsParent, !isRetry, let edges, let parent = reader.value("parent_id").bytesIfAny {
            return try edges.add(child: key, parent: parent, outcome: 0, at: place, bytes: record.bytes)
        }
        try apply(record, id: id, key: key, at: place, warnings: kept)
    }

    private func find(_ key: UnsafeRawBufferPointer, likely: Int64?) throws -> Int64? {
        let id =
            if let likely { try table.find(.text(key), in: keyPlace, likely: likely) } else {
                try table.find(.text(key))
            }
        isAtHand = id != nil
        return id
    }

    override func isStored(_ column: Int) -> Bool {
        guard isAtHand, let place = sources.firstIndex(of: column) else { return false }
        return table.holds(reader.values[column], in: place)
    }

    /// - Returns: Whether the row is dealt with, since another row with its key counts instead.
    private func settleRepetition(
        _ repeated: RepeatedKeys,
        key: UnsafeRawBufferPointer,
        at place: RecordPlace
    ) throws -> Bool {
        guard let repetition = try repeated.repetition(of: key) else { return false }
        if repetition.areIdentical {
            // A repeated bad row is rejected as often as it stands; a good one counts once.
            guard place.record != repetition.firstRecord, try isFlawless(handlesOwn: edges != nil) else {
                return false
            }
            if needsParent, !reader.value("parent_id").isNull {
                let original = String(decoding: key, as: UTF8.self)
                if family.note(twinOf: original, first: repetition.firstRecord, at: place) { return true }
            }
            try countTwin(of: repetition.firstRecord, at: place)
            return true
        }
        let twins = try repeated.twins(of: key, except: place.record).map { Int($0) }
        return try choose(
            Finding.duplicateKey(String(decoding: key, as: UTF8.self), records: twins),
            first: repetition.firstRecord,
            last: repetition.lastRecord,
            at: place,
            column: keyName
        )
    }

    private func apply(
        _ record: Record,
        id: Int64?,
        key: UnsafeRawBufferPointer,
        at place: RecordPlace,
        warnings kept: [(finding: Finding, column: String)]
    ) throws {
        let wasOpen = id != nil && type.table == "invoice" && table.text(watched: 0) == "OPEN"
        let storedStatus = id != nil && lines != nil ? table.text(watched: 0) : nil
        let hadParent = id != nil && type.table == "customer" && table.text(watched: 1) != nil
        let values = rowValues(record, isStored: id != nil)
        let outcome: Outcome
        let stored: Int64
        if let id {
            stored = id
            let changes = try table.changes(values)
            outcome = changes.isEmpty ? .unchanged : .updated
            if outcome == .updated { try table.update(values, at: changes, id: id) }
        } else {
            outcome = .inserted
            stored = try table.insert(values)
            present.insert(stored)
            try watch?.keep(row: stored, key: key)
            forgetOwn()
        }
        // Whether a customer's parent is known, and closes no loop, is another question every day.
        if kept.isEmpty, edges == nil || reader.value("parent_id").isNull { settled = (stored, outcome) }
        count(outcome, at: place)
        if outcome == .updated { noteTurn(wasOpen: wasOpen) }
        let status = effectiveStatus(stored: storedStatus)
        if outcome != .unchanged {
            try warn(
                kept + rules.warnings(reader, row: stored, status: status, transaction: transaction),
                at: place
            )
        }
        if let lines, status == "voided" || status == "returned" {
            counts.deleted += try transaction.deleteLines(lines, owner: .text(key))
        }
        try noteParent(record, key, outcome: outcome, hadParent: hadParent, at: place)
    }

    /// Counts invoices that close, and closed ones that open again.
    private func noteTurn(wasOpen: Bool) {
        guard type.table == "invoice", let balance = reader.value("balance").number else { return }
        if wasOpen, balance == 0 { closing += 1 }
        if !wasOpen, balance != 0 { counts.reopened += 1 }
    }

    /// A customer's parent is linked when all rows are known.
    private func noteParent(
        _ record: Record,
        _ key: UnsafeRawBufferPointer,
        outcome: Outcome,
        hadParent: Bool,
        at place: RecordPlace
    ) throws {
        guard let edges, !needsParent else { return }
        if let parent = reader.value("parent_id").bytesIfAny {
            // Should the link be all that changes, the row's warnings are due after all.
            let isQuiet =
                try outcome != .unchanged
                || rules.warnings(reader, status: nil, transaction: transaction).isEmpty
            try edges.add(
                child: key,
                parent: parent,
                outcome: outcome.rawValue,
                at: place,
                bytes: isQuiet ? nil : record.bytes
            )
        } else if hadParent, !settings.blankKeeps {
            _ = try transaction.link(
                customer: String(decoding: key, as: UTF8.self),
                to: nil,
                isInCycle: false
            )
        }
    }

    /// The status that the record has once the row is written.
    private func effectiveStatus(stored: String?) -> String? {
        status.column.flatMap { reader.values[$0].string }
            ?? (status.isGiven && !settings.blankKeeps ? nil : stored)
    }

    /// The values of the row in the order of the targets.
    private func rowValues(_ record: Record, isStored: Bool) -> [FieldValue] {
        var values: [FieldValue] = []
        values.reserveCapacity(targets.count)
        for (target, source) in zip(targets, sources) {
            if let source {
                values.append(reader.values[source])
            } else {
                values.append(derivedValue(target.name, record, isStored: isStored))
            }
        }
        return values
    }

    private func derivedValue(_ name: String, _ record: Record, isStored: Bool) -> FieldValue {
        switch name {
        case "scale":
            return .integer(Int64(reader.currency?.exponent ?? 2))
        case "custom":
            return customs.patch(record, keepsBlanks: settings.blankKeeps)
        case "status":
            return .text(of: reader.value("balance").number == 0 ? "CLEARED" : "OPEN")
        case "cleared_date":
            guard reader.value("balance").number == 0 else { return .null }
            // Once cleared, the day stays that of the first time.
            if isStored, table.text(watched: 0) == "CLEARED" {
                return table.text(watched: 1).map { .text(of: $0) } ?? .null
            }
            return .text(of: batch.day.description)
        default:
            return .null
        }
    }

    /// A rejected row is also told that its parent is unknown, once all rows are known.
    private func noteLostChild(at place: RecordPlace) {
        guard needsParent, let parent = reader.value("parent_id").string else { return }
        family.note(lostChild: parent, at: place)
    }

    /// Deals with the rows that waited for the others, after the last row of the file.
    func finish() throws {
        try transaction.changes?.stand(at: nil)
        if let edges {
            if needsParent { try settleFamilies(edges) } else { try linkParents(edges) }
        }
        try transaction.changes?.stand(at: nil)
        if type.table == "customer" { _ = try transaction.linkWaitingCustomers() }
    }
}

extension FieldValue {
    /// The bytes of a text that stands in the record itself.
    var bytesIfAny: UnsafeRawBufferPointer? { if case .text(let bytes) = self { bytes } else { nil } }
}
