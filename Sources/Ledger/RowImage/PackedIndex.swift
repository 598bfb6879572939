package import Receivables

/// The entries of one index as SQLite stores them: a column's value and the row's id, in the order of the rows.
///
/// Nobody looks for anything in it; it is only read from one end to the other. So it needs not be sorted, and the pages
/// above need not lead equally deep.
///
/// `@unchecked Sendable`, because the thread that reads the file has it alone until it says that it has ended.
package final class PackedIndex: @unchecked Sendable {
    private let file: NamelessFile
    private let page = PackedPage(.indexLeaf)
    /// How long the last entry in the page is.
    private var lastSize = 0
    /// How many full pages are in the file.
    private var written = 0
    /// The entries between the pages, which the pages above them hold.
    private var between: [[UInt8]] = []
    /// An entry behind a full page: one of those between, if another one follows.
    private var waiting: [UInt8]?
    private let cell: UnsafeMutablePointer<UInt8>

    /// The longest text that an entry may have.
    package static let mostText = PackedPage.mostEntry - 32

    /// - Throws: `DatabaseError`.
    package init() throws {
        file = try NamelessFile()
        cell = .allocate(capacity: PackedPage.mostEntry + 32)
    }

    deinit { cell.deallocate() }

    /// Adds entries.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - id: The id of the first one's row.
    ///   - value: Gives the value of each, by its number: a text of at most ``mostText`` bytes, a number, or nothing.
    /// - Throws: `DatabaseError` when there is no room for it.
    package func add(_ count: Int, from id: Int64, _ value: (Int) -> FlatValue) throws {
        let page = page
        for number in 0..<count {
            let cell = pack(value(number), id &+ Int64(number))
            if waiting == nil, page.add(cell) {
                lastSize = cell.count
            } else {
                try addBehindFull(cell)
            }
        }
    }

    private func addBehindFull(_ cell: UnsafeRawBufferPointer) throws {
        guard let entry = waiting else {
            waiting = Array(cell)
            return
        }
        try write()
        between.append(entry)
        waiting = nil
        _ = page.add(cell)
        lastSize = cell.count
    }

    /// The bytes of an entry, until the next one.
    private func pack(_ value: FlatValue, _ id: Int64) -> UnsafeRawBufferPointer {
        var header: (UInt64, UInt64) = (0, 0)
        return withUnsafeMutableBytes(of: &header) { header in
            let kinds = header.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? cell
            // The sizes are known last and stand first.
            let room = 8
            var packer = RecordPacker(header: kinds, body: cell + room + header.count)
            packer.append(value)
            packer.append(id)
            let kindBytes = packer.header - kinds
            let bodyBytes = packer.body - (cell + room + header.count)
            let payload = 1 + kindBytes + bodyBytes
            // The body lies where it is, and all else goes in front of it.
            var front = cell + room + header.count - kindBytes
            front.update(from: kinds, count: kindBytes)
            front -= 1
            front.pointee = UInt8(truncatingIfNeeded: 1 + kindBytes)
            front -= Varint.size(of: UInt64(payload))
            let size = Varint.write(UInt64(payload), to: front)
            return UnsafeRawBufferPointer(start: front, count: size + payload)
        }
    }

    private func write() throws {
        page.close()
        try file.write(UnsafeRawBufferPointer(page.bytes), at: written * PackedPage.size)
        written += 1
        page.empty()
    }

    /// Ends it.
    package func finish() throws {
        if let entry = waiting {
            // Another page must follow, and have an entry.
            between.append(page.removeLast(of: lastSize))
            try write()
            _ = entry.withUnsafeBytes { page.add($0) }
            waiting = nil
        }
        try write()
    }

    // MARK: - Reading

    /// Copies the page with entries.
    func read(leaf: Int, into target: UnsafeMutableRawBufferPointer) throws {
        try file.read(into: target, at: leaf * PackedPage.size)
    }

    /// Copies a page above those with entries; the first is the root, and each leads to the next behind all else.
    ///
    /// - Parameters:
    ///   - leaves: The number of the first page with entries.
    ///   - uppers: The number of the first page above them.
    func read(
        upper number: Int,
        into target: UnsafeMutableRawBufferPointer,
        leaves: UInt32,
        uppers: UInt32
    ) throws {
        if between.isEmpty { return try read(leaf: 0, into: target) }
        var place = firstBetween[number]
        let page = PackedPage(.indexInterior)
        while place < between.count {
            let entry = between[place]
            guard let room = page.makeRoom(for: 4 + entry.count) else { break }
            let child = (leaves + UInt32(truncatingIfNeeded: place)).bigEndian
            withUnsafeBytes(of: child) { child in
                UnsafeMutableRawBufferPointer(start: room, count: 4).copyMemory(from: child)
            }
            (room + 4).update(from: entry, count: entry.count)
            place += 1
        }
        if place < between.count {
            firstBetween = Array(firstBetween[...number]) + [place]
            page.close(last: uppers + UInt32(truncatingIfNeeded: number + 1))
        } else {
            page.close(last: leaves + UInt32(truncatingIfNeeded: place))
        }
        page.copy(to: target)
    }

    /// With which entry each page above those with entries begins, as far as they were read.
    private var firstBetween = [0]
}
