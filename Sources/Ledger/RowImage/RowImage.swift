import GRDB

/// Gives the rows of one first load, stretch after stretch.
package protocol RowSource: AnyObject {
    /// Goes on to the next stretch.
    ///
    /// - Returns: Rows that stay as they are until the next call; `nil` behind the last.
    /// - Throws: Whatever ends the load; all of it is rolled back.
    func next() throws -> PackedRows?

    /// The entries of the indexes, in the order of ``RowPlan/indexed``, behind the last stretch.
    func indexes() throws -> [PackedIndex]
}

/// A database that is never written anywhere: its pages are made as SQLite reads them.
///
/// It holds one table with the very definition of the one to load. Between two such tables SQLite copies rows as they are,
/// and spares what costs most: to take each value and put it into a row (`xferOptimization` in SQLite's `insert.c`). Should
/// a version of SQLite not do so, it reads the rows as those of any other table, and loads the same.
///
/// SQLite checks nothing of a row that it copies. So the types, the rules, and that keys are unique, are the reader's.
///
/// `@unchecked Sendable`, because only the thread of the connection reads it, inside one statement.
final class RowImage: @unchecked Sendable {
    private let source: any RowSource
    private let stretches: RowStretches
    private let first: [UInt8]
    /// The stretch in hand.
    private var rows: PackedRows?
    private var stretch = -1
    /// The number of the first page of its rows, and of those of the next stretch.
    private var firstLeaf = RowImage.leaves
    private var nextLeaf = RowImage.leaves
    private var entries: [PackedIndex]?
    /// What the source threw; SQLite carries only a code.
    private(set) var failure: (any Error)?

    // Where which pages are. SQLite never asks for number 16385, which holds the byte that locks a file.
    private static let table: UInt32 = 2
    private static let indexRoots: UInt32 = 3
    private static let children: UInt32 = 0x100
    private static let leaves: UInt32 = 0x1_0000
    /// From here on, each index has so many; the upper half of them lies above its entries.
    private static let perIndex: UInt32 = 0x100_0000
    /// How many pages the database says that it has.
    private static let count: UInt32 = 0x3FFF_FFFF
    /// The size of the file that there is none of.
    static let size = Int64(count) * Int64(PackedPage.size)

    /// - Parameters:
    ///   - schema: The table and its indexes.
    init(_ schema: [RowPlan.Definition], _ stretches: RowStretches, from source: any RowSource) throws {
        self.source = source
        self.stretches = stretches
        first = try Self.firstPage(schema)
    }

    private static let unreadable = DatabaseError(
        resultCode: .SQLITE_CORRUPT,
        message: "a page of rows that are on their way was asked for out of turn"
    )

    /// Reads bytes of the file.
    ///
    /// - Returns: Whether it could; see ``failure``.
    func read(into target: UnsafeMutableRawBufferPointer, at place: Int64) -> Bool {
        let number = UInt32(truncatingIfNeeded: place / Int64(PackedPage.size)) + 1
        let offset = Int(place % Int64(PackedPage.size))
        do {
            if number == 1 {
                guard offset + target.count <= first.count else { throw Self.unreadable }
                first.withUnsafeBytes {
                    target.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + target.count])
                    )
                }
                return true
            }
            guard offset == 0, target.count == PackedPage.size else { throw Self.unreadable }
            try read(page: number, into: target)
            return true
        } catch {
            failure = failure ?? error
            return false
        }
    }

    private func read(page number: UInt32, into target: UnsafeMutableRawBufferPointer) throws {
        if number >= Self.perIndex {
            let index = Int(number / Self.perIndex) - 1
            let place = Int(number % Self.perIndex)
            let half = Int(Self.perIndex / 2)
            return try read(index, place < half ? .leaf(place) : .upper(place - half), into: target)
        }
        if let leaf = Int(exactly: Int64(number) - Int64(firstLeaf)), leaf >= 0, number >= Self.leaves {
            guard let rows, leaf < rows.used else { throw Self.unreadable }
            return rows.pages[leaf].copy(to: target)
        }
        if number == Self.table { return try readRoot(into: target) }
        if number >= Self.children { return try read(stretch: Int(number - Self.children), into: target) }
        try read(Int(number - Self.indexRoots), .upper(0), into: target)
    }

    // MARK: - The table

    private func readRoot(into target: UnsafeMutableRawBufferPointer) throws {
        if stretches.count == 1 { return try read(stretch: 0, into: target) }
        write(stretches.count, from: Self.children, into: target)
    }

    /// Goes on to a stretch, and copies the page above its rows.
    private func read(stretch number: Int, into target: UnsafeMutableRawBufferPointer) throws {
        guard number == stretch + 1 else { throw Self.unreadable }
        stretch = number
        rows = try source.next()
        firstLeaf = nextLeaf
        guard let rows, rows.count > 0 else {
            guard stretches.count == 1 else { throw Self.unreadable }
            let page = PackedPage(.tableLeaf)
            return page.copy(to: target)
        }
        rows.close()
        nextLeaf += UInt32(truncatingIfNeeded: rows.used)
        if rows.used == 1 { return rows.pages[0].copy(to: target) }
        write(rows.used, from: firstLeaf, into: target)
    }

    /// Writes a page that leads to others.
    private func write(_ count: Int, from first: UInt32, into target: UnsafeMutableRawBufferPointer) {
        let page = PackedPage(.tableInterior)
        for number in first..<first + UInt32(truncatingIfNeeded: count) - 1 {
            // Behind the page's number stands its last row, for those who look for one; nobody does.
            withUnsafeBytes(of: (number.bigEndian, UInt8(1))) { cell in
                _ = page.add(UnsafeRawBufferPointer(rebasing: cell[..<5]))
            }
        }
        page.close(last: first + UInt32(truncatingIfNeeded: count) - 1)
        page.copy(to: target)
    }

    // MARK: - The indexes

    private enum IndexPage {
        case leaf(Int)
        case upper(Int)
    }

    private func read(_ index: Int, _ page: IndexPage, into target: UnsafeMutableRawBufferPointer) throws {
        let all = try entries ?? source.indexes()
        entries = all
        // Those without entries stand behind the others.
        guard index < all.count else { return PackedPage(.indexLeaf).copy(to: target) }
        let base = UInt32(truncatingIfNeeded: index + 1) * Self.perIndex
        switch page {
        case .leaf(let leaf): try all[index].read(leaf: leaf, into: target)
        case .upper(let number):
            try all[index].read(upper: number, into: target, leaves: base, uppers: base + Self.perIndex / 2)
        }
    }

    // MARK: - The first page

    /// The head of the file and the table of tables (https://www.sqlite.org/fileformat2.html#the_database_header).
    private static func firstPage(_ schema: [RowPlan.Definition]) throws -> [UInt8] {
        let headSize = 100
        let page = PackedPage(.tableLeaf, before: headSize)
        for (number, definition) in schema.enumerated() {
            let room = definition.bytes + RecordPacker.headerPerValue * 5 + RecordPacker.bodyPerNumber
            var header = [UInt8](repeating: 0, count: RecordPacker.headerPerValue * 5)
            var body = [UInt8](repeating: 0, count: room)
            let isAdded = header.withUnsafeMutableBufferPointer { header in
                body.withUnsafeMutableBufferPointer { body in
                    guard let kinds = header.baseAddress, let bytes = body.baseAddress else { return false }
                    var packer = RecordPacker(header: kinds, body: bytes)
                    definition.pack(at: Int64(table) + Int64(number), into: &packer)
                    return page.add(
                        row: Int64(number + 1),
                        header: UnsafeRawBufferPointer(start: kinds, count: packer.header - kinds),
                        body: UnsafeRawBufferPointer(start: bytes, count: packer.body - bytes)
                    )
                }
            }
            guard isAdded else { throw Self.unreadable }
        }
        page.close()
        page.bytes.copyBytes(from: head)
        return Array(page.bytes)
    }

    private static var head: [UInt8] {
        var head = Array("SQLite format 3\0".utf8)
        // Pages of 65536 bytes (written as 1), no log, nothing reserved, and how full cells may make a page.
        head += [0, 1, 1, 1, 0, 64, 32, 32]
        func append(_ number: UInt32) { withUnsafeBytes(of: number.bigEndian) { head += $0 } }
        // Changed once; its size; no free pages; one schema, of the fourth format; UTF-8; nothing else.
        for number in [1, count, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0] as [UInt32] { append(number) }
        head += [UInt8](repeating: 0, count: 20)
        // The change for which the size holds, and who wrote it.
        append(1)
        append(3_040_001)
        return head
    }
}
