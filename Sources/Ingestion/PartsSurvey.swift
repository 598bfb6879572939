import CSV
import Ledger
import Receivables

/// A look at the files of a type that make one delivery: what each names, so that none removes what another brings.
struct PartsSurvey {
    /// The stored rows that any of the files names.
    private(set) var present = Presence()
    /// Those that several of them name.
    private(set) var shared = Presence()
    /// The files of which it cannot be known what they name: unreadable ones, and those with a row without a key.
    private(set) var hiding: Set<Int64> = []
    /// The files that failed or wait for a person.
    private(set) var stopped: Set<Int64> = []
    /// The data rows of each file that could be read.
    private(set) var rows: [Int64: Int] = [:]

    init(
        _ files: ArraySlice<ReceivedFile>,
        type: RecordType,
        settings: LoadSettings,
        transaction: LoadTransaction,
        pulse: Pulse
    ) throws {
        for file in files {
            if try transaction.isStopped(file.fileID) { stopped.insert(file.fileID) }
            do {
                try survey(file, type: type, settings: settings, transaction: transaction, pulse: pulse)
            } catch is FileRefusal {
                hiding.insert(file.fileID)
            }
        }
    }

    private mutating func survey(
        _ received: ReceivedFile,
        type: RecordType,
        settings: LoadSettings,
        transaction: LoadTransaction,
        pulse: Pulse
    ) throws {
        let file = try SpoolFile(path: received.spoolPath)
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
            try scan(file, of: received.fileID, found, settings, pulse) { record in
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
            try scan(file, of: received.fileID, found, settings, pulse) { record in
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
        of id: Int64,
        _ found: HeaderSearch.Found,
        _ settings: LoadSettings,
        _ pulse: Pulse,
        _ body: (Record) throws -> (isKnown: Bool, ids: [Int64])
    ) throws {
        var count = 0
        var isHidden = false
        // Taken over at the end: of a file that is refused half-way nothing counts.
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
        rows[id] = count
        shared.formUnion(present.intersection(named))
        present.formUnion(named)
        if isHidden { hiding.insert(id) }
    }
}
