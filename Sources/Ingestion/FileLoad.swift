import CSV
import Ledger
import Receivables

/// One attempt at one file, inside its transaction: from the header to the figures with which it is settled.
struct FileLoad {
    /// What an attempt came to, before it is settled.
    struct Applied {
        var counts = RowCounts()
        var layout: FileLayout?
        var endedWithLineEnd: Bool?
        /// Why the file must not be kept without a person's word.
        var hold: TruncationGuard.Hold?
        /// The rows of the snapshot that the file is, or is a part of.
        var snapshotRows: Int?
        var nearMisses: [String] = []
        var relinked = 0
    }

    let file: ReceivedFile
    let batch: Batch
    let occasion: Loader.Occasion
    let settings: LoadSettings
    let transaction: LoadTransaction
    let pulse: Pulse

    private var type: RecordType { file.type }

    /// Applies the file's rows.
    ///
    /// - Throws: ``FileRefusal`` for a file that is wrong as a whole.
    func apply() throws -> Applied {
        guard !type.isFileOfBytes else {
            return Applied(counts: try PDFLoad(file: file, transaction: transaction).load())
        }
        try refuseStale()
        let spool = try SpoolFile(path: file.spoolPath)
        let found = try HeaderSearch(type: type, settings: settings).find(in: spool)
        return try apply(spool, found)
    }

    private func apply(_ spool: borrowing SpoolFile, _ found: HeaderSearch.Found) throws -> Applied {
        let layout = found.layout
        let survey = try FileSurvey(
            spool,
            layout: layout,
            headerRecord: found.recordNumber,
            keyField: type.identity.owners.isEmpty ? type.key.first.flatMap { layout.field(of: $0) } : nil,
            settings: settings,
            transaction: transaction,
            pulse: pulse
        )
        let parts = try PartsSurvey(
            companions,
            type: type,
            settings: settings,
            transaction: transaction,
            pulse: pulse
        )
        var applied = Applied(layout: layout, endedWithLineEnd: survey.endedWithLineEnd)
        applied.counts.blank = survey.blank
        let open = isSnapshot(layout) ? try transaction.openCount(of: type) : 0
        let rows = survey.rows + (settings.unitesParts ? parts.rows : 0)
        applied.snapshotRows = rows
        if isGuarded(layout) {
            applied.hold = try guarding().hold(survey: survey, rows: rows, open: open)
            if applied.hold != nil { return applied }
        }
        try writeFileWarnings(layout, found.recordNumber)
        pulse.pass = .load
        var clearing = Clearing()
        var closing = 0
        if type.identity.owners.isEmpty {
            guard let load = try loadKeyed(spool, found, survey) else { throw FileRefusal(.missingHeader) }
            applied.counts = load.counts
            closing = load.closing
            clearing = try clear(
                layout,
                load.present,
                parts,
                hidesAbsence: load.hidesAbsence,
                counts: load.counts
            )
        } else {
            guard let load = try loadOwned(spool, found, parts) else { throw FileRefusal(.missingHeader) }
            applied.counts = load.counts
            clearing = try clear(
                layout,
                load.present,
                parts,
                hidesAbsence: load.hidesAbsence,
                counts: load.counts
            )
            closing = load.counts.deleted
            if load.hidesAbsence || isSuspended(parts), !isSnapshot(layout), mayRemove(layout) {
                try transaction.issues.append(.absenceSuspended("A row's owner cannot be read"))
            }
        }
        applied.counts.blank = survey.blank
        if type.isSnapshot {
            applied.counts.cleared = clearing.cleared
        } else {
            applied.counts.deleted += clearing.cleared
        }
        if isGuarded(layout) {
            applied.hold = try guarding().hold(clearing: clearing.wouldClear + closing, of: open)
            if applied.hold != nil { return applied }
        }
        applied.nearMisses = layout.warnings.filter { $0.finding.code == .nearMissColumn }.compactMap(
            \.column
        )
        if type.table == "invoice" { applied.relinked = try relinkPDFs() }
        return applied
    }

    private func loadKeyed(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ survey: FileSurvey
    ) throws -> KeyedLoad? {
        let load = try KeyedLoad(
            transaction,
            layout: found.layout,
            settings: settings,
            batch: batch,
            repeated: survey.repeated,
            hasCompanions: !companions.isEmpty
        )
        guard let load else { return nil }
        var unread = UnreadColumns(found.layout)
        try scan(spool, found) { record in
            unread.look(at: record)
            try load.load(record)
        }
        try load.finish()
        try unread.warn(transaction)
        return load
    }

    private func loadOwned(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ parts: PartsSurvey
    ) throws -> OwnedLoad? {
        let load = try OwnedLoad(
            transaction,
            layout: found.layout,
            settings: settings,
            batch: batch,
            siblings: parts.present,
            isSuspended: isSuspended(parts),
            companions: Set(companions.map(\.fileID))
        )
        guard let load else { return nil }
        var unread = UnreadColumns(found.layout)
        try scan(spool, found) { record in
            unread.look(at: record)
            try load.stage(record)
        }
        try load.finish(pulse: pulse)
        try unread.warn(transaction)
        return load
    }

    private func scan(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ body: (Record) throws -> Void
    ) throws {
        try FileSurvey.scan(
            spool,
            layout: found.layout,
            headerRecord: found.recordNumber,
            settings: settings,
            pulse: pulse,
            body
        ) { _ in
        }
    }

    /// What clearing came to.
    private struct Clearing {
        var cleared = 0
        /// What it would have come to had it not been suspended: the guard looks at this.
        var wouldClear = 0
    }

    /// Clears, zeroes or deletes what a snapshot does not name, where it may.
    private func clear(
        _ layout: FileLayout,
        _ present: Presence,
        _ parts: PartsSurvey,
        hidesAbsence: Bool,
        counts: RowCounts
    ) throws -> Clearing {
        guard isSnapshot(layout) else { return Clearing() }
        if hidesAbsence {
            try transaction.issues.append(.absenceSuspended("A row's key cannot be read"))
            return Clearing()
        }
        var clearing = Clearing()
        let named = present.union(parts.present)
        try transaction.attempt {
            guard counts.inserted + counts.updated + counts.unchanged > 0 else { return true }
            clearing.wouldClear = try transaction.clear(type, except: named, day: batch.day.description)
            return !isSuspended(parts)
        }
        if isSuspended(parts) {
            try transaction.issues.append(.absenceSuspended("Another file of the batch cannot be trusted"))
        } else {
            clearing.cleared = clearing.wouldClear
        }
        return clearing
    }

    /// The files that make one delivery with this one.
    private var companions: [ReceivedFile] {
        batch.parts(beside: file, united: settings.unitesParts && isSnapshotType)
    }

    private func isSuspended(_ parts: PartsSurvey) -> Bool {
        parts.hidesAbsence || batch.suspended.contains(type.name)
    }

    /// Whether a file of the type names every open record.
    var isSnapshotType: Bool { type.isSnapshot || type.table == "contact" && settings.contactsAreSnapshot }

    private func mayRemove(_ layout: FileLayout) -> Bool {
        !layout.isCorrection && !settings.deltaTypes.contains(type.name) && !isOlder
    }

    /// Whether this file names every open record, so that missing ones are closed.
    private func isSnapshot(_ layout: FileLayout) -> Bool { isSnapshotType && mayRemove(layout) }

    private func isGuarded(_ layout: FileLayout) -> Bool {
        if case .release = occasion { return false }
        return isSnapshot(layout)
    }

    private var isOlder: Bool {
        if case .replay(_, let isOlder) = occasion { isOlder } else { false }
    }

    private func guarding() throws -> TruncationGuard {
        TruncationGuard(settings: settings, last: try transaction.lastApplied(type: type.name))
    }

    /// A snapshot whose name is older than that of the last applied one is refused.
    private func refuseStale() throws {
        guard isSnapshotType, case .batch = occasion, let date = batch.nameDate(of: file),
            let applied = try transaction.lastApplied(type: type.name)?.nameDate,
            let last = FileNameDate(in: applied),
            date.isBefore(last)
        else { return }
        throw FileRefusal(.staleFile(named: date.day, applied: last.day))
    }

    private func writeFileWarnings(_ layout: FileLayout, _ header: Int64) throws {
        for warning in layout.warnings {
            try transaction.issues.append(warning.finding, column: warning.column)
        }
        if let date = FileNameDate(in: file.name), batch.nameDate(of: file) == nil {
            try transaction.issues.append(.dateInFuture(date.day))
        }
        let siblings = batch.files.count { $0.type.name == type.name }
        if case .batch = occasion, siblings > 1 {
            try transaction.issues.append(.severalFilesOfType(type.name, count: siblings))
        }
        if case .release = occasion, try transaction.hasCorrection(type: type.name, since: file.fileID) {
            try transaction.issues.append(
                Finding(
                    .severalFilesOfType,
                    .warning,
                    "A correction of this type was applied since this file was held; the file is applied as it is."
                )
            )
        }
    }

    private func relinkPDFs() throws -> Int {
        let (linked, ambiguous) = try transaction.relinkPDFs()
        for pdf in ambiguous {
            try transaction.issues.append(.pdfAmbiguous(pdf.name, invoices: pdf.invoices))
        }
        return linked
    }
}

/// The columns that nobody reads: told once each, if any row has data under them.
private struct UnreadColumns {
    private var waiting: [(field: Int, name: String)]
    private var found: [(field: Int, name: String)] = []

    init(_ layout: FileLayout) {
        // Named columns are told from the header alone.
        waiting = layout.unread.filter(\.name.isEmpty)
    }

    mutating func look(at record: Record) {
        guard !waiting.isEmpty else { return }
        let hits = waiting.filter { $0.field < record.count && !Cell.isBlank(record.field($0.field)) }
        guard !hits.isEmpty else { return }
        found += hits
        waiting.removeAll { column in hits.contains { $0.field == column.field } }
    }

    func warn(_ transaction: LoadTransaction) throws {
        for column in found { try transaction.issues.append(.unknownColumnIgnored(column.name)) }
    }
}
