import CSV
import Ledger
import Receivables

/// What the other files of the batch that make one delivery with a file name, so that it removes none of it.
struct PartsSurvey {
    /// The stored rows that another part names.
    var present = Presence()
    /// Whether what another part names cannot be known: it is unreadable, failed or held.
    var hidesAbsence = false
    /// The data rows of the other parts.
    var rows = 0

    /// A file that came alone.
    init() {}

    init(
        _ parts: [ReceivedFile],
        type: RecordType,
        settings: LoadSettings,
        transaction: LoadTransaction,
        pulse: Pulse
    ) throws {
        for part in parts {
            if try transaction.isStopped(part.fileID) { hidesAbsence = true }
            do {
                try survey(part, type: type, settings: settings, transaction: transaction, pulse: pulse)
            } catch is FileRefusal {
                hidesAbsence = true
            }
        }
    }

    private mutating func survey(
        _ part: ReceivedFile,
        type: RecordType,
        settings: LoadSettings,
        transaction: LoadTransaction,
        pulse: Pulse
    ) throws {
        let file = try SpoolFile(path: part.spoolPath)
        let found = try HeaderSearch(type: type, settings: settings).find(in: file)
        let layout = found.layout
        if let naming = SetNaming(layout) {
            let table = try transaction.table(
                of: type,
                key: [type.ownerColumn, "owner_key"],
                targets: [RecordTable.Target("owner_key")]
            )
            let reader = RowReader(layout, settings: settings)
            let stored = try transaction.ownedRows(type)
            var standing: [OwnedRows.Stored] = []
            try scan(file, found, settings, pulse) { record in
                guard FileSurvey.isSound(record, layout: layout), let owner = naming.owner(of: record) else {
                    return (false, [])
                }
                var keys = [naming.key(of: record)]
                keys += layout.labels.map { naming.emailKey(Cell.trimmed(record.field($0.field))) }
                if naming.isUnreadable(keys[0]), !reader.isEmptySet(record) {
                    // Whichever of its owner's rows it is: all of them stay.
                    try owner.withUnsafeBytes { try stored.read(of: $0, into: &standing) }
                    return (true, standing.map(\.id))
                }
                return try (true, keys.compactMap { try table.find(.rewritten(owner), .rewritten($0)) })
            }
        } else if case .single(let key) = type.identity, let field = layout.field(of: key),
            let probe = try transaction.probe(type)
        {
            let reader = RowReader(layout, settings: settings)
            try scan(file, found, settings, pulse) { record in
                let damage = reader.damage(of: record, keyField: field)
                guard damage?.hidesKey != true, !Cell.isBlank(record.field(field)) else { return (false, []) }
                let cells = damage?.hasWrongCount == true ? Array(0..<record.count) : [field]
                return (true, try cells.compactMap { try probe.id(of: Cell.trimmed(record.field($0))) })
            }
        }
    }

    /// - Parameter body: Returns whether it is known which record the row names, and the stored rows it may name.
    private mutating func scan(
        _ file: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ settings: LoadSettings,
        _ pulse: Pulse,
        _ body: (Record) throws -> (isKnown: Bool, ids: [Int64])
    ) throws {
        var count = 0
        var isHidden = false
        var named = Presence()
        try FileSurvey.scan(
            file,
            layout: found.layout,
            headerRecord: found.recordNumber,
            settings: settings,
            pulse: pulse
        ) { record in
            count += 1
            let (isKnown, ids) = try body(record)
            if !isKnown { isHidden = true }
            for id in ids { named.insert(id) }
        } end: { _ in
        }
        rows += count
        present = present.union(named)
        if isHidden { hidesAbsence = true }
    }
}
