/// Reads the entries of a manifest, a block at a time.
///
/// Most days change little: then a manifest is stored as changes of an earlier one, its base. They are new entries, and
/// between them runs of the base's entries, whose places ascend; what lies between two runs holds no longer.
package final class ManifestReader {
    /// Entries in the order of the file.
    package struct Block {
        package var count: Int
        /// The entries and one more, which matches nothing; the caller frees them.
        package var entries: UnsafeMutablePointer<ManifestEntry>
        /// The place of the first in the base.
        package var first: UInt32
        /// The place of each in the base where they do not follow each other; the caller frees them.
        package var places: UnsafeMutablePointer<UInt32>?
    }

    /// The place of an entry that is not in the base.
    package static let noPlace = UInt32.max

    private let base: any ManifestSource
    private let changes: (any ManifestSource)?
    private let perBlock: Int

    /// The block of the base in hand, and the place of its first entry.
    private var piece: [ManifestEntry] = []
    private var start = 0
    /// The block of changes in hand, where in it, and how much of its run was taken.
    private var changed: [ManifestEntry] = []
    private var position = 0
    private var taken = 0

    /// - Parameters:
    ///   - base: The entries, or those of which others are changes.
    ///   - perBlock: How many entries are put together at a time.
    init(_ base: any ManifestSource, changes: (any ManifestSource)? = nil, perBlock: Int = 0) {
        self.base = base
        self.changes = changes
        self.perBlock = max(1, perBlock)
    }

    /// Reads the next block.
    ///
    /// - Returns: `nil` behind the last.
    package func next() throws -> Block? {
        guard changes == nil else { return try putTogether() }
        var entries: UnsafeMutablePointer<ManifestEntry>?
        let count = try base.next { count in
            let made = UnsafeMutablePointer<ManifestEntry>.allocate(capacity: count + 1)
            made[count] = .none
            entries = made
            return made
        }
        guard let count, let entries else { return nil }
        defer { start += count }
        return Block(count: count, entries: entries, first: UInt32(start))
    }

    private func putTogether() throws -> Block? {
        let entries = UnsafeMutablePointer<ManifestEntry>.allocate(capacity: perBlock + 1)
        let places = UnsafeMutablePointer<UInt32>.allocate(capacity: perBlock + 1)
        var count = 0
        while count < perBlock, try hasChange() {
            let change = changed[position]
            // A run begins at a place of 32 bits.
            let place = Int(UInt32(truncatingIfNeeded: change.low)) + taken
            if change.row != 0 {
                entries[count] = change
                places[count] = Self.noPlace
                count += 1
                position += 1
            } else if taken < change.high, try reach(place) {
                let part = min(Int(change.high) - taken, perBlock - count, start + piece.count - place)
                for offset in 0..<part {
                    entries[count + offset] = piece[place - start + offset]
                    places[count + offset] = UInt32(place + offset)
                }
                count += part
                taken += part
            } else {
                position += 1
                taken = 0
            }
        }
        entries[count] = .none
        places[count] = Self.noPlace
        if count > 0 { return Block(count: count, entries: entries, first: 0, places: places) }
        entries.deallocate()
        places.deallocate()
        return nil
    }

    /// Frees what was read for the next blocks, of which there are no more.
    package func close() {
        start += piece.count
        piece = []
        changed = []
        position = 0
    }

    private func hasChange() throws -> Bool {
        while position == changed.count {
            guard let changes, let block = try Self.block(of: changes) else { return false }
            changed = block
            position = 0
        }
        return true
    }

    /// Reads on until a place of the base is at hand.
    private func reach(_ place: Int) throws -> Bool {
        while place >= start + piece.count {
            guard let block = try Self.block(of: base) else { return false }
            start += piece.count
            piece = block
        }
        return place >= start
    }

    private static func block(of blocks: any ManifestSource) throws -> [ManifestEntry]? {
        var read: UnsafeMutablePointer<ManifestEntry>?
        defer { read?.deallocate() }
        let count = try blocks.next { count in
            let made = UnsafeMutablePointer<ManifestEntry>.allocate(capacity: count)
            read = made
            return made
        }
        return count.map { Array(UnsafeBufferPointer(start: read, count: $0)) }
    }
}
