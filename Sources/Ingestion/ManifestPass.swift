import CSV
import Ledger
import Receivables

/// One pass over a snapshot: records that were loaded before as they stand are known by their bytes and passed over, all
/// others are judged as always.
struct ManifestPass {
    let finder: RecordFinder
    let memory: RecordMemory
    let load: KeyedLoad
    /// Rows that somebody wrote since: what was remembered of them is void.
    let touched: Presence
    let layout: FileLayout
    let pulse: Pulse

    /// Applies the rows.
    ///
    /// - Parameter headerRecord: The number of the record behind which the rows begin.
    /// - Throws: ``Detour`` for a file with repeated keys; ``FileRefusal``.
    func run(_ spool: borrowing SpoolFile, headerRecord: Int64, settings: LoadSettings) throws -> FileFigures
    {
        let watch = KeyWatch(isWeak: settings.tuning.hashesWeakly)
        load.watch = watch
        var unread = UnreadColumns(layout)
        var figures = FileFigures()
        var found = 0
        var strays = 0
        var stretchEnd = settings.tuning.blockEntries
        let isTouched = !touched.isEmpty
        let hasher = memory.hasher
        var reader = try spool.reader(delimiter: layout.delimiter, settings: settings)
        do {
            while try reader.next() {
                let record = reader.record
                guard record.number > headerRecord else { continue }
                try pulse.beat(bytes: reader.bytesRead)
                figures.rows += 1
                if figures.rows & 0x3FFF == 0 { spool.forget(before: reader.bytesRead) }
                unread.look(at: record)
                let hash = hasher.hash(record.bytes)
                let match = try finder.match(hash)
                let row = Int64(match.row)
                if row != 0, !isTouched || !touched.contains(row) {
                    try watch.meet(row: row)
                    try memory.keep(match, hash)
                    found += 1
                    figures.lastRowHasWrongCount = false
                    continue
                }
                figures.lastRowHasWrongCount = record.count != layout.fieldCount
                try load.load(record, likely: finder.expected)
                guard let settled = load.settled else { continue }
                try memory.note(hash, row: settled.row)
                if figures.rows > stretchEnd {
                    strays = 0
                    stretchEnd = figures.rows + settings.tuning.blockEntries
                }
                guard settled.outcome == .unchanged, row == 0 else { continue }
                finder.noteStray()
                strays += 1
                if strays == settings.tuning.strays, finder.hasOrder { try finder.loseOrder() }
            }
        } catch let failure as CSVFailure {
            try spool.refuse(failure, names: layout.names)
        }
        finder.close()
        figures.blank = Int(reader.blankRecords)
        figures.endedWithLineEnd = reader.endedWithLineEnd
        load.addUnchanged(found, named: watch.met)
        try load.finish()
        try unread.warn(load.transaction)
        return figures
    }
}
