import CSV
import Ledger

/// Finds the rows that a file's records were loaded as before, by their hashes.
///
/// Most files have the order of the last one: the next record is the next entry, or one a little further on. Three blocks
/// are at hand to look for the others. Once the order is lost, all that is left goes into a map.
final class RecordFinder {
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
    /// Where it is if the record before was not a stray but the order goes on there.
    private var other: UnsafeMutablePointer<ManifestEntry>?
    private var otherBlock: ManifestBlock?

    /// How many blocks are at hand.
    private static let width = 3

    /// - Returns: `nil` for a manifest without entries.
    init?(_ manifest: Manifest, tuning: LoadTuning, transaction: LoadTransaction) throws {
        reader = try transaction.entries(of: manifest)
        left = manifest.entries
        most = tuning.mapEntries
        guard let first = try ManifestBlock.next(number: 0, from: reader) else { return nil }
        block = first
        next = first.entries
        window = [first]
        read = 1
        try lookAhead()
    }

    /// The row of a record; 0 when its bytes were not loaded before, or not found.
    @inline(__always)
    func row(of hash: RecordHash) throws -> UInt32 {
        if next.pointee.isOf(hash) {
            defer { next += 1 }
            return next.pointee.row
        }
        return try search(hash)
    }

    /// The row that a record which was not found probably is, since it stands where that is expected; 0 for none.
    var expected: UInt32 { (other ?? next).pointee.row }

    /// Whether it makes sense to call ``loseOrder()``.
    var hasOrder: Bool { map == nil && left <= most }

    /// Gives up the order: every entry that is left is found from now on, wherever it stands.
    func loseOrder() throws {
        let rest = ManifestMap(entries: left)
        for block in window { for position in 0..<block.count { rest.add(block.entries[position]) } }
        while let block = try ManifestBlock.next(number: read, from: reader) {
            read += 1
            for position in 0..<block.count { rest.add(block.entries[position]) }
        }
        map = rest
        other = nil
        otherBlock = nil
        // Nothing is expected next: the entry behind the last matches nothing.
        next = block.entries + block.count
        window = [block]
    }

    @inline(never)
    private func search(_ hash: RecordHash) throws -> UInt32 {
        if let map { return map.row(of: hash) }
        if next == block.entries + block.count,
            let following = window.first(where: { $0.number == block.number + 1 })
        {
            try go(to: following, following.entries)
            if next.pointee.isOf(hash) { return take() }
        }
        if let other, let otherBlock, other.pointee.isOf(hash) {
            try go(to: otherBlock, other)
            return take()
        }
        for candidate in window.reversed() {
            guard let position = candidate.position(of: hash) else { continue }
            otherBlock = candidate
            other = candidate.entries + position + 1
            return candidate.entries[position].row
        }
        return 0
    }

    private func take() -> UInt32 {
        defer { next += 1 }
        return next.pointee.row
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
