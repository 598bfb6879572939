import CSV
import Ledger
import Receivables

/// The ways by which a file is loaded without looking at all of it twice.
///
/// What is skipped is provably without effect; all else goes through the very code of the plain path. Where a quick way
/// meets something it was not made for, what it did is taken back and the plain path does the work.
extension FileLoad {
    /// By what this file's records may be known, and are remembered.
    struct Quick {
        var fingerprint: Fingerprint
        /// What is known from the last file, if that is still worth something.
        var manifest: Manifest?
        /// The single pass that promises most.
        var path: LoadPath?
    }

    /// - Returns: `nil` for a file that is none of those that name, alone, all open records of their type.
    func quick(_ layout: FileLayout) throws -> Quick? {
        guard settings.tuning.takesQuickPaths, type.isSnapshot, isSnapshot(layout), siblings == nil else {
            return nil
        }
        var quick = Quick(fingerprint: try Fingerprint(layout, settings: settings, transaction: transaction))
        if let manifest = try transaction.manifest(of: type), manifest.fingerprint == quick.fingerprint.bytes
        {
            quick.manifest = manifest
            if manifest.entries > 0, !manifest.hasRepetitions { quick.path = .manifest }
        }
        return quick
    }

    /// - Throws: ``Detour`` where the path cannot go on.
    func applyAtOnce(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ quick: Quick?,
        by path: LoadPath
    ) throws -> Applied {
        if path == .first { return try applyFirst(spool, found, quick) }
        guard path == .manifest, let quick else { throw Detour(reason: "no_such_path") }
        return try applyByManifest(spool, found, quick)
    }

    /// Begins to remember the rows of a file that takes the plain path; `nil` for one too small to be worth it.
    func remember(_ figures: FileFigures, _ quick: Quick) throws -> RecordMemory? {
        guard figures.rows >= settings.tuning.rememberedRows else {
            try transaction.dropManifest(of: type)
            return nil
        }
        return try RecordMemory(
            type,
            quick.fingerprint,
            tuning: settings.tuning,
            transaction: transaction
        )
    }

    /// The state of a file that is the same, byte for byte, as the last one of its type, when nothing has happened since.
    ///
    /// - Returns: `nil` where that cannot be said without reading the file.
    func applyUnread(_ found: HeaderSearch.Found, _ quick: Quick) throws -> Applied? {
        guard let manifest = quick.manifest,
            // Every row was stored as it stands: nothing was refused, set aside, repeated, or is asked anew each day.
            manifest.rows > 0, manifest.entries == manifest.rows, manifest.didClear,
            // Columns without a name are told of when a row has data under them.
            !found.layout.unread.contains(where: \.name.isEmpty),
            try transaction.lastApplied(type: type.name)?.file == manifest.file,
            try transaction.isTwin(of: manifest.file),
            try transaction.isUntouched(type, since: manifest)
        else { return nil }
        let (blank, endedWithLineEnd) = try transaction.figures(of: manifest.file)
        try writeFileWarnings(found.layout, found.recordNumber)
        var applied = Applied(layout: found.layout, path: .identical)
        applied.counts.total = manifest.rows
        applied.counts.unchanged = manifest.rows
        applied.counts.blank = blank
        applied.endedWithLineEnd = endedWithLineEnd
        applied.snapshotRows = manifest.rows
        try transaction.passOnManifest(of: type)
        try tie(&applied)
        return applied
    }

    /// One pass over the file, in which records of the last snapshot are known by their bytes.
    ///
    /// - Throws: ``Detour`` where it cannot go on.
    func applyByManifest(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ quick: Quick
    ) throws -> Applied {
        let layout = found.layout
        guard let manifest = quick.manifest,
            let finder = try RecordFinder(manifest, tuning: settings.tuning, transaction: transaction),
            let load = try KeyedLoad(
                transaction,
                layout: layout,
                settings: settings,
                batch: batch,
                repeated: nil
            )
        else { throw Detour(reason: "nothing_remembered") }
        var applied = Applied(layout: layout, path: .manifest)
        let guarding = try guarding(layout)
        try writeFileWarnings(layout, found.recordNumber)
        pulse.pass = .load
        let pass = ManifestPass(
            finder: finder,
            memory: try RecordMemory(
                type,
                quick.fingerprint,
                after: manifest,
                tuning: settings.tuning,
                transaction: transaction
            ),
            load: load,
            touched: try transaction.touchedRows(of: type),
            layout: layout,
            pulse: pulse
        )
        let figures = try pass.run(spool, headerRecord: found.recordNumber, settings: settings)
        let parts = Parts()
        try note(figures, parts, in: &applied, guarding)
        if applied.hold != nil { return applied }
        try conclude(&applied, load, load.present, closing: load.closing, parts, guarding)
        try tie(&applied)
        try pass.memory.finish(
            file: file.fileID,
            rows: figures.rows,
            didClear: applied.didClear,
            hasRepetitions: false
        )
        return applied
    }
}
