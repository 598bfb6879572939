import CSV
import Ledger

/// Some tens of thousands of a manifest's entries in the order of their file, with an index made when first needed.
final class ManifestBlock {
    /// The block's place in the manifest.
    let number: Int
    let count: Int
    /// One more than ``count``: the last matches nothing.
    let entries: UnsafeMutablePointer<ManifestEntry>
    private let first: UInt32
    private let places: UnsafeMutablePointer<UInt32>?
    /// Open addressing by hash.
    ///
    /// A slot holds the position of an entry plus 1; 0 is free. Half of the slots stay free.
    private var index: UnsafeMutablePointer<UInt32>?
    private let slots: Int

    /// - Parameter stored: Freed with the block.
    private init(number: Int, stored: ManifestReader.Block) {
        self.number = number
        count = stored.count
        entries = stored.entries
        first = stored.first
        places = stored.places
        var slots = 2
        while slots <= 2 * stored.count { slots *= 2 }
        self.slots = slots
    }

    /// Reads the next block.
    ///
    /// - Returns: `nil` behind the last.
    static func next(number: Int, from reader: ManifestReader) throws -> ManifestBlock? {
        try reader.next().map { ManifestBlock(number: number, stored: $0) }
    }

    deinit {
        entries.deallocate()
        places?.deallocate()
        index?.deallocate()
    }

    /// The row of an entry, and its place in the manifest of which the next one may be changes.
    @inline(__always)
    func match(_ entry: UnsafeMutablePointer<ManifestEntry>) -> RecordFinder.Match {
        let position = entry - entries
        return RecordFinder.Match(
            row: entry.pointee.row,
            place: places.map { $0[position] } ?? first + UInt32(truncatingIfNeeded: position)
        )
    }

    /// Where the entry of a record stands.
    func position(of hash: RecordHash) -> Int? {
        let index = index ?? makeIndex()
        var slot = Int(truncatingIfNeeded: hash.low) & (slots - 1)
        while index[slot] != 0 {
            let position = Int(index[slot]) - 1
            if entries[position].isOf(hash) { return position }
            slot = (slot + 1) & (slots - 1)
        }
        return nil
    }

    private func makeIndex() -> UnsafeMutablePointer<UInt32> {
        let made = UnsafeMutablePointer<UInt32>.allocate(capacity: slots)
        made.initialize(repeating: 0, count: slots)
        for position in 0..<count {
            var slot = Int(truncatingIfNeeded: entries[position].low) & (slots - 1)
            while made[slot] != 0 { slot = (slot + 1) & (slots - 1) }
            made[slot] = UInt32(position + 1)
        }
        index = made
        return made
    }
}

extension ManifestEntry {
    init(_ hash: RecordHash, row: UInt32) {
        self.init(low: hash.low, high: UInt32(truncatingIfNeeded: hash.high), row: row)
    }

    /// Whether the entry is that of a record with this hash.
    @inline(__always)
    func isOf(_ hash: RecordHash) -> Bool {
        low == hash.low && high == UInt32(truncatingIfNeeded: hash.high)
    }
}
