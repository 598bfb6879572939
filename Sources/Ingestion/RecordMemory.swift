import CSV
import Ledger
import Receivables

/// Remembers which records of a file became which rows, for the next file of the type.
///
/// What is remembered holds as long as nobody writes the row and the fingerprint stays.
final class RecordMemory {
    let hasher: RecordHasher
    private let fingerprint: Fingerprint
    private let writer: ManifestWriter
    /// Entries of the last manifest's base that were met one after the other, and are not written yet.
    private var runStart: UInt32 = 0
    private var runEnd: UInt32 = 0

    /// - Parameter last: The manifest in which records are found.
    init(
        _ type: RecordType,
        _ fingerprint: Fingerprint,
        after last: Manifest? = nil,
        tuning: LoadTuning,
        transaction: LoadTransaction
    ) throws {
        self.fingerprint = fingerprint
        hasher = fingerprint.hasher
        writer = try transaction.makeManifest(
            of: type,
            perBlock: tuning.blockEntries,
            after: last,
            perChange: tuning.entriesPerChange
        )
    }

    /// Notes that the record with this hash was found.
    @inline(__always)
    func keep(_ match: RecordFinder.Match, _ hash: RecordHash) throws {
        if match.place == runEnd { runEnd += 1 } else { try keepElsewhere(match, hash) }
    }

    @inline(never)
    private func keepElsewhere(_ match: RecordFinder.Match, _ hash: RecordHash) throws {
        // What goes back is written as if it were new: then the base is read but once.
        guard match.place != ManifestReader.noPlace, match.place > runEnd else {
            return try note(hash, row: Int64(match.row))
        }
        try endRun()
        runStart = match.place
        runEnd = match.place + 1
    }

    private func endRun() throws {
        guard runStart < runEnd else { return }
        try writer.append(runFrom: runStart, to: runEnd)
        runStart = runEnd
    }

    /// Notes that the record with this hash is stored as that row, and that nothing else is to be said about it.
    @inline(__always)
    func note(_ hash: RecordHash, row: Int64) throws {
        guard let row = UInt32(exactly: row), row != 0 else { return }
        try endRun()
        try writer.append(ManifestEntry(hash, row: row))
    }

    /// Notes the row that a record was found to be, or has just become, if there is nothing else to say about it.
    func note(_ record: Record, _ settled: (row: Int64, outcome: RowLoad.Outcome)?) throws {
        guard let settled else { return }
        try note(hasher.hash(record.bytes), row: settled.row)
    }

    /// Closes what is remembered of a file that was applied.
    func finish(file: Int64, rows: Int, didClear: Bool, hasRepetitions: Bool) throws {
        try endRun()
        try writer.finish(
            fingerprint: fingerprint.bytes,
            file: file,
            rows: rows,
            didClear: didClear,
            hasRepetitions: hasRepetitions
        )
    }
}
