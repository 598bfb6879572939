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
        /// The way the rows took.
        var path = LoadPath.plain
        /// Why a quicker way was given up.
        var detour: String?
        /// Whether what the file does not name was closed.
        var didClear = false
        /// The stored rows that the file names.
        var present = Presence()
    }

    let file: ReceivedFile
    let batch: Batch
    let occasion: Loader.Occasion
    let settings: LoadSettings
    let transaction: LoadTransaction
    let pulse: Pulse
    let course: LoadCourse

    var type: RecordType { file.type }

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

    /// Tries the way that promises most, and falls back on the plain one.
    private func apply(_ spool: borrowing SpoolFile, _ found: HeaderSearch.Found) throws -> Applied {
        let quick = try quick(found.layout)
        if let quick, let applied = try applyUnread(found, quick) { return applied }
        var applied: Applied?
        var detour = course.detour
        if detour == nil {
            guard let path = try mayBeFirst(found.layout) ? .first : quick?.path else {
                return try applyPlainly(spool, found, quick)
            }
            try course.attempt(transaction) {
                do {
                    applied = try applyAtOnce(spool, found, quick, by: path)
                    return true
                } catch let met as Detour {
                    detour = met
                    return false
                }
            } otherwise: {
                LoadCourse(detour: detour)
            }
        }
        if let applied { return applied }
        var plain = try applyPlainly(spool, found, quick)
        plain.detour = detour?.reason
        return plain
    }

    /// A look at the whole file, then row after row.
    ///
    /// - Parameter quick: By what the file's records are remembered; `nil` where they are not.
    private func applyPlainly(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ quick: Quick?
    ) throws -> Applied {
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
        let parts = try parts()
        var applied = Applied(layout: layout)
        let guarding = try guarding(layout, rows: survey.figures.rows, parts)
        try note(survey.figures, parts, in: &applied, guarding)
        if applied.hold != nil { return applied }
        try writeFileWarnings(layout, found.recordNumber)
        pulse.pass = .load
        if type.identity.owners.isEmpty {
            let memory = try quick.flatMap { quick in try remember(survey.figures, quick) }
            guard let load = try loadKeyed(spool, found, survey, memory) else {
                throw FileRefusal(.missingHeader)
            }
            try conclude(&applied, load, load.present, closing: load.closing, parts, guarding)
            try memory?.finish(
                file: file.fileID,
                rows: survey.figures.rows,
                didClear: applied.didClear,
                hasRepetitions: survey.repeated != nil
            )
        } else {
            guard let load = try loadOwned(spool, found, parts, rows: survey.figures.rows) else {
                throw FileRefusal(.missingHeader)
            }
            try conclude(&applied, load, load.present, closing: load.counts.deleted, parts, guarding)
            if load.passedOver > 0 { applied.path = .manifest }
            if load.hidesAbsence || isSuspended(parts), !isSnapshot(layout), mayRemove(layout) {
                try transaction.issues.append(.absenceSuspended("A row's owner cannot be read"))
            }
        }
        try tie(&applied)
        return applied
    }

    /// Takes down the figures of the file, and holds it where they look wrong.
    func note(
        _ figures: FileFigures,
        _ parts: Parts,
        in applied: inout Applied,
        _ guarding: TruncationGuard?
    ) throws {
        applied.endedWithLineEnd = figures.endedWithLineEnd
        applied.counts.blank = figures.blank
        let rows = figures.rows + (settings.unitesParts ? parts.rows : 0)
        applied.snapshotRows = rows
        applied.hold = try guarding?.hold(figures, rows: rows)
    }

    /// Takes over what the rows came to, clears what they do not name, and holds the file where that is too much.
    func conclude(
        _ applied: inout Applied,
        _ load: RowLoad,
        _ present: Presence,
        closing: Int,
        _ parts: Parts,
        _ guarding: TruncationGuard?
    ) throws {
        guard let layout = applied.layout else { return }
        let blank = applied.counts.blank
        let counted = load.counts
        applied.counts = counted
        applied.counts.blank = blank
        applied.present = (load as? OwnedLoad)?.written ?? present
        let clearing = try clear(
            layout,
            present,
            parts,
            hidesAbsence: load.hidesAbsence,
            counts: load.counts,
            // What a first file does not name is not stored either.
            hasOthers: applied.path != .first
        )
        applied.didClear = clearing.isDone
        if type.isSnapshot {
            applied.counts.cleared = clearing.cleared
        } else {
            applied.counts.deleted += clearing.cleared
        }
        applied.hold = try guarding?.hold(
            clearing: clearing.wouldClear + closing,
            // What the file names and does not bring, and what it does not name.
            stored: present.count - counted.inserted + clearing.wouldClear,
            inserted: counted.inserted
        )
    }

    /// What is left to do for a file that is not held.
    func tie(_ applied: inout Applied) throws {
        guard applied.hold == nil else { return }
        applied.nearMisses = (applied.layout?.warnings ?? []).filter { $0.finding.code == .nearMissColumn }
            .compactMap(\.column)
        if type.table == "invoice" { applied.relinked = try relinkPDFs(to: applied.present) }
    }

    private func loadKeyed(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ survey: FileSurvey,
        _ memory: RecordMemory?
    ) throws -> KeyedLoad? {
        let load = try KeyedLoad(
            transaction,
            layout: found.layout,
            settings: settings,
            batch: batch,
            repeated: survey.repeated,
            hasCompanions: siblings != nil
        )
        guard let load else { return nil }
        var unread = UnreadColumns(found.layout)
        try scan(spool, found) { record in
            unread.look(at: record)
            try load.load(record)
            try memory?.note(record, load.settled)
        }
        try load.finish()
        try unread.warn(transaction)
        return load
    }

    private func loadOwned(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ parts: Parts,
        rows: Int
    ) throws -> OwnedLoad? {
        var circumstances = OwnedLoad.Circumstances()
        circumstances.siblings = parts.present
        circumstances.isSuspended = isSuspended(parts)
        circumstances.companions = siblings?.files ?? []
        circumstances.isSnapshot = isSnapshot(found.layout)
        circumstances.size = file.size
        if settings.tuning.takesQuickPaths, rows >= settings.tuning.rememberedRows, case .batch = occasion,
            !found.layout.isCorrection, siblings == nil, !isSuspended(parts)
        {
            circumstances.fingerprint = try Fingerprint(
                found.layout,
                settings: settings,
                transaction: transaction
            )
        }
        let load = try OwnedLoad(
            transaction,
            layout: found.layout,
            settings: settings,
            batch: batch,
            circumstances
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

    var isOlder: Bool {
        if case .replay(_, let isOlder) = occasion { isOlder } else { false }
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

    func writeFileWarnings(_ layout: FileLayout, _ header: Int64) throws {
        for warning in layout.warnings {
            try transaction.issues.append(warning.finding, column: warning.column)
        }
        if let date = FileNameDate(in: file.name), batch.nameDate(of: file) == nil {
            try transaction.issues.append(.dateInFuture(date.day))
        }
        let siblings = batch.count(of: type)
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

    private func relinkPDFs(to invoices: Presence) throws -> Int {
        let (linked, ambiguous) = try transaction.relinkPDFs(to: invoices)
        for pdf in ambiguous {
            try transaction.issues.append(.pdfAmbiguous(pdf.name, invoices: pdf.invoices))
        }
        return linked
    }
}
