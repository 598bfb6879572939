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

    init(
        _ type: RecordType,
        _ fingerprint: Fingerprint,
        tuning: LoadTuning,
        transaction: LoadTransaction
    ) throws {
        self.fingerprint = fingerprint
        hasher = fingerprint.hasher
        writer = try transaction.makeManifest(of: type, perBlock: tuning.blockEntries)
    }

    /// Notes that the record with this hash is stored as that row, and that nothing else is to be said about it.
    @inline(__always)
    func note(_ hash: RecordHash, row: Int64) throws {
        guard let row = UInt32(exactly: row), row != 0 else { return }
        try writer.append(ManifestEntry(hash, row: row))
    }

    /// Notes the row that a record was found to be, or has just become, if there is nothing else to say about it.
    func note(_ record: Record, _ settled: (row: Int64, outcome: RowLoad.Outcome)?) throws {
        guard let settled else { return }
        try note(hasher.hash(record.bytes), row: settled.row)
    }

    /// Closes what is remembered of a file that was applied.
    func finish(file: Int64, rows: Int, didClear: Bool, hasRepetitions: Bool) throws {
        try writer.finish(
            fingerprint: fingerprint.bytes,
            file: file,
            rows: rows,
            didClear: didClear,
            hasRepetitions: hasRepetitions
        )
    }
}
