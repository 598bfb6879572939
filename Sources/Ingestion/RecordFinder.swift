import CSV
import Ledger

/// Finds the rows that a file's records were loaded as before, by their hashes.
///
/// Most files have the order of the last one: the next record is the next entry, or one a little further on. From the
/// first record on that was stored just so, yet not found there, it is looked for in three blocks. Once the order is lost,
/// all that is left goes into a map.
final class RecordFinder {
    /// What a record was found to be.
    struct Match {
        /// 0 for nothing that is known.
        var row: UInt32
        /// The entry's place in the base of the manifest.
        var place = ManifestReader.noPlace

        static let none = Match(row: 0)
    }

    private let reader: ManifestReader
    private var window: [ManifestBlock] = []
    private var map: ManifestMap?
    /// Blocks read so far.
    private var read = 0
    /// How many entries are left in all but the blocks that were passed.
    private var left: Int
    private let most: Int

    /// Where the next record is expected.
    private var next: UnsafeMutablePointer<ManifestEntry>
    private var block: ManifestBlock
    /// How many records were not found since one was.
    private var misses = 0
    /// Whether records are looked for beyond the next entries.
    private var looksFurther = false
    /// Where it is if the record before was not a stray but the order goes on there.
    private var other: UnsafeMutablePointer<ManifestEntry>?
    private var otherBlock: ManifestBlock?

    /// How many blocks are at hand.
    private static let width = 3
    /// How many entries are looked at one after the other.
    private static let reach = 16

    /// - Returns: `nil` for a manifest without entries.
    init?(_ manifest: Manifest, tuning: LoadTuning, transaction: LoadTransaction) throws {
        reader = try transaction.entries(of: manifest, perBlock: tuning.blockEntries)
        left = manifest.entries
        most = tuning.mapEntries
        guard let first = try ManifestBlock.next(number: 0, from: reader) else { return nil }
        block = first
        next = first.entries
        window = [first]
        read = 1
        try lookAhead()
    }

    /// The row of a record; none when its bytes were not loaded before, or not found.
    @inline(__always)
    func match(_ hash: RecordHash) throws -> Match {
        next.pointee.isOf(hash) ? take() : try search(hash)
    }

    /// The row that the record which was not found probably is, since it stands where that is expected; `nil` for none.
    var expected: Int64? {
        guard map == nil else { return nil }
        let block = other == nil ? block : otherBlock ?? block
        let entry = (other ?? next) + (misses - 1)
        guard entry >= block.entries, entry < block.entries + block.count else { return nil }
        return Int64(entry.pointee.row)
    }

    /// Notes that the record which was not found was stored just so: the order is not quite that of the last file.
    func noteStray() { looksFurther = true }

    /// Whether it makes sense to call ``loseOrder()``.
    var hasOrder: Bool { map == nil && left <= most }

    /// Gives up the order: every entry that is left is found from now on, wherever it stands.
    func loseOrder() throws {
        let rest = ManifestMap(entries: left)
        for block in window { for position in 0..<block.count { rest.add(block.entries[position]) } }
        window = [block]
        while let block = try ManifestBlock.next(number: read, from: reader) {
            read += 1
            for position in 0..<block.count { rest.add(block.entries[position]) }
        }
        map = rest
        other = nil
        otherBlock = nil
        // Nothing is expected next: the entry behind the last matches nothing.
        next = block.entries + block.count
        reader.close()
    }

    /// Frees what was read; nothing is looked for any more.
    func close() {
        window = []
        map = nil
    }

    @inline(never)
    private func search(_ hash: RecordHash) throws -> Match {
        if let map { return Match(row: map.row(of: hash)) }
        if let near = try searchNearby(hash) { return near }
        misses += 1
        guard looksFurther else { return .none }
        if let other, let otherBlock, other.pointee.isOf(hash) {
            try go(to: otherBlock, other)
            return take()
        }
        for candidate in window.reversed() {
            guard let position = candidate.position(of: hash) else { continue }
            misses = 0
            otherBlock = candidate
            other = candidate.entries + position + 1
            return candidate.match(candidate.entries + position)
        }
        return .none
    }

    /// Looks at the next few entries: those between were changed, or are gone.
    private func searchNearby(_ hash: RecordHash) throws -> Match? {
        let end = block.entries + block.count
        for entry in next..<min(next + Self.reach, end) where entry.pointee.isOf(hash) {
            next = entry
            other = nil
            otherBlock = nil
            return take()
        }
        guard end - next < Self.reach, let following = window.first(where: { $0.number == block.number + 1 })
        else { return nil }
        let start = following.entries
        for entry in start..<start + min(Self.reach, following.count) where entry.pointee.isOf(hash) {
            try go(to: following, entry)
            return take()
        }
        return nil
    }

    @inline(__always)
    private func take() -> Match {
        misses = 0
        defer { next += 1 }
        return block.match(next)
    }

    private func go(to target: ManifestBlock, _ place: UnsafeMutablePointer<ManifestEntry>) throws {
        block = target
        next = place
        other = nil
        otherBlock = nil
        try lookAhead()
    }

    /// Keeps a block beyond the one in hand ready.
    private func lookAhead() throws {
        guard block.number + 1 == read, let further = try ManifestBlock.next(number: read, from: reader)
        else {
            return
        }
        read += 1
        window.append(further)
        if window.count > Self.width { left -= window.removeFirst().count }
    }
}
