/// A page of a b-tree, as a database file has it (https://www.sqlite.org/fileformat2.html#b_tree_pages).
///
/// Cells are put in one after the other, in their order, from the end of the page to its front.
final class PackedPage {
    enum Kind: UInt8 {
        case indexInterior = 2
        case tableInterior = 5
        case indexLeaf = 10
        case tableLeaf = 13

        var headerSize: Int { self == .indexInterior || self == .tableInterior ? 12 : 8 }
    }

    /// The largest that SQLite knows: the fewer pages there are, the less is to do around them.
    static let size = 65536
    /// The most bytes that a row may have to lie in a page as a whole.
    static let mostRow = size - 35
    /// The same for an entry of an index.
    static let mostEntry = (size - 12) * 64 / 255 - 23

    let bytes: UnsafeMutableRawBufferPointer
    private let kind: Kind
    /// How much stands before the page's own head.
    private let before: Int
    /// How many cells it has.
    private(set) var count = 0
    private var start = size

    /// - Parameter before: How much stands before it: the head of the file, in the first page.
    init(_ kind: Kind, before: Int = 0) {
        self.kind = kind
        self.before = before
        bytes = .allocate(byteCount: Self.size, alignment: 16)
        empty()
    }

    deinit { bytes.deallocate() }

    func empty() {
        count = 0
        start = Self.size
        close()
    }

    /// Makes room for a cell.
    ///
    /// - Returns: Where its bytes are to be written; `nil` when the page is full.
    func makeRoom(for size: Int) -> UnsafeMutablePointer<UInt8>? {
        let pointer = before &+ kind.headerSize &+ 2 &* count
        guard start &- size >= pointer &+ 2, let base = bytes.baseAddress else { return nil }
        start &-= size
        count &+= 1
        let target = base.assumingMemoryBound(to: UInt8.self)
        target[pointer] = UInt8(truncatingIfNeeded: start >> 8)
        target[pointer &+ 1] = UInt8(truncatingIfNeeded: start)
        return target + start
    }

    /// Adds a cell.
    ///
    /// - Returns: Whether there was room.
    func add(_ cell: UnsafeRawBufferPointer) -> Bool {
        guard let room = makeRoom(for: cell.count) else { return false }
        UnsafeMutableRawBufferPointer(start: room, count: cell.count).copyMemory(from: cell)
        return true
    }

    /// Takes out the last cell, which must be as long as the last one that came in.
    func removeLast(of size: Int) -> [UInt8] {
        let cell = Array(bytes[start..<start + size])
        start += size
        count -= 1
        return cell
    }

    /// Writes the page's head, by which it can be read.
    ///
    /// - Parameter last: The page behind all that the cells lead to.
    func close(last: UInt32? = nil) {
        let head = UnsafeMutableRawBufferPointer(rebasing: bytes[before...])
        head[0] = kind.rawValue
        // No free blocks; 65536 does not fit and is written as 0.
        head[1] = 0
        head[2] = 0
        head.storeBytes(of: UInt16(truncatingIfNeeded: count).bigEndian, toByteOffset: 3, as: UInt16.self)
        head.storeBytes(of: UInt16(truncatingIfNeeded: start).bigEndian, toByteOffset: 5, as: UInt16.self)
        head[7] = 0
        if let last { head.storeBytes(of: last.bigEndian, toByteOffset: 8, as: UInt32.self) }
    }

    /// Takes over what the page holds.
    func copy(to target: UnsafeMutableRawBufferPointer) {
        target.copyMemory(from: UnsafeRawBufferPointer(bytes))
    }
}

extension PackedPage {
    /// Adds a row of a table.
    ///
    /// - Returns: Whether there was room.
    @inline(__always)
    func add(row: Int64, header: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) -> Bool {
        let head = Self.sizeOfHead(header.count)
        let payload = UInt64(truncatingIfNeeded: head &+ header.count &+ body.count)
        let id = UInt64(bitPattern: row)
        let size = Varint.size(of: payload) &+ Varint.size(of: id) &+ Int(truncatingIfNeeded: payload)
        guard var target = makeRoom(for: size) else { return false }
        target += Varint.write(payload, to: target)
        target += Varint.write(id, to: target)
        target += Varint.write(UInt64(truncatingIfNeeded: head &+ header.count), to: target)
        if let bytes = header.baseAddress {
            target.update(from: bytes.assumingMemoryBound(to: UInt8.self), count: header.count)
        }
        if let bytes = body.baseAddress {
            (target + header.count).update(from: bytes.assumingMemoryBound(to: UInt8.self), count: body.count)
        }
        return true
    }

    /// How many bytes say how long a record's header is, these bytes included.
    @inline(__always)
    static func sizeOfHead(_ header: Int) -> Int { header &+ 1 < 0x80 ? 1 : 2 }
}
