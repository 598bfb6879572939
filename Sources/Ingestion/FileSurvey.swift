import CSV
import Ledger
import Receivables

/// The first look at a whole file, before anything of it is applied.
///
/// It finds what refuses the file, the figures the truncation guard needs, and the keys that stand in it more than
/// once. Memory stays small whatever the file holds: keys are compared by hash, and those that meet are looked at again.
struct FileSurvey {
    var figures = FileFigures()
    /// Keys that stand in the file more than once; `nil` when there is none.
    var repeated: RepeatedKeys?

    /// How many key hashes are held at once.
    private static let most = 1 << 21

    /// - Parameter keyField: The field of the single key; `nil` where keys are found in another way.
    /// - Throws: ``FileRefusal`` or ``LoadFailure``.
    init(
        _ file: borrowing SpoolFile,
        layout: FileLayout,
        headerRecord: Int64,
        keyField: Int?,
        settings: LoadSettings,
        transaction: LoadTransaction,
        pulse: Pulse
    ) throws {
        var hashes: [UInt64] = []
        var parts: UInt64 = 1
        var part: UInt64 = 0
        var candidates: Set<UInt64> = []
        let seed = UInt64.random(in: .min ... .max)
        let mask: UInt64 = settings.tuning.hashesWeakly ? 0xFF : .max
        repeat {
            hashes.removeAll(keepingCapacity: true)
            figures.rows = 0
            try Self.scan(file, layout: layout, headerRecord: headerRecord, settings: settings, pulse: pulse)
            { record in
                figures.rows += 1
                figures.lastRowHasWrongCount = record.count != layout.fieldCount
                guard let keyField, Self.isSound(record, layout: layout) else { return }
                let key = Cell.trimmed(record.field(keyField))
                guard !key.isEmpty else { return }
                let hash = Self.hash(key, seed: seed) & mask
                guard hash % parts == part else { return }
                if hashes.count < Self.most || parts > 1 { hashes.append(hash) }
            } end: { reader in
                figures.blank = Int(reader.blankRecords)
                figures.endedWithLineEnd = reader.endedWithLineEnd
            }
            if parts == 1, figures.rows > Self.most {
                // Too many for one look: take the hashes in parts that fit.
                parts = UInt64(figures.rows / (Self.most / 2) + 1)
                continue
            }
            hashes.sort()
            for index in hashes.indices.dropFirst() where hashes[index] == hashes[index - 1] {
                candidates.insert(hashes[index])
            }
            part += 1
        } while part < parts
        guard !candidates.isEmpty, let keyField else { return }
        let keys = try transaction.repeatedKeys()
        try Self.scan(file, layout: layout, headerRecord: headerRecord, settings: settings, pulse: pulse) {
            record in
            guard Self.isSound(record, layout: layout) else { return }
            let key = Cell.trimmed(record.field(keyField))
            guard !key.isEmpty, candidates.contains(Self.hash(key, seed: seed) & mask) else { return }
            try keys.add(key: key, record: record.number, bytes: record.bytes)
        } end: { _ in
        }
        try keys.close()
        repeated = keys
    }

    /// Whether the row's key takes part in the search for repetitions: a damaged row is rejected anyway.
    static func isSound(_ record: Record, layout: FileLayout) -> Bool {
        record.count == layout.fieldCount && record.flaws.isDisjoint(with: .damage)
            && record.invalidUTF8() == nil
    }

    /// Calls `body` for each data record of the file.
    static func scan(
        _ file: borrowing SpoolFile,
        layout: FileLayout,
        headerRecord: Int64,
        settings: LoadSettings,
        pulse: Pulse,
        _ body: (Record) throws -> Void,
        end: (borrowing RecordReader<FileSource>) -> Void
    ) throws {
        var reader = try file.reader(delimiter: layout.delimiter, settings: settings)
        do {
            while try reader.next() {
                let record = reader.record
                guard record.number > headerRecord else { continue }
                try pulse.beat(bytes: reader.bytesRead)
                try body(record)
            }
        } catch let failure as CSVFailure {
            try file.refuse(failure, names: layout.names)
        }
        end(reader)
    }

    /// A keyed multiply-and-fold hash; equal hashes are only a reason to look closer.
    private static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = seed ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            state = fold(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var tail: UInt64 = 0
        for byte in bytes[offset...] { tail = tail << 8 | UInt64(byte) }
        return fold(state ^ tail)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
