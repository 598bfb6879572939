import CSV
import Ledger
import Receivables

/// Some hundred rows that are packed, but not in a stretch yet: whether their parents are known is asked for all at once.
final class RowBatch {
    static let most = 256

    /// One packed row.
    struct Row {
        /// The number of the record of which it was made.
        var record: Int64
        var hash: RecordHash
        var header: UnsafeRawBufferPointer
        var body: UnsafeRawBufferPointer
    }

    /// How many rows it holds.
    private(set) var count = 0

    private let rows: UnsafeMutablePointer<Row>
    private let marks: UnsafeMutablePointer<FlatValue>
    private let marksPerRow: Int
    private let headerRoom: Int
    private var arena: UnsafeMutableRawBufferPointer
    private var used = 0

    /// - Parameters:
    ///   - marks: How many values of a row can be asked for.
    ///   - headerRoom: The most bytes that the header of a row takes.
    init(marks: Int, headerRoom: Int) {
        marksPerRow = marks
        self.headerRoom = headerRoom
        rows = .allocate(capacity: Self.most)
        self.marks = .allocate(capacity: Self.most * marks)
        self.marks.initialize(repeating: .null, count: Self.most * marks)
        arena = .allocate(byteCount: 128 << 10, alignment: 16)
    }

    deinit {
        rows.deallocate()
        marks.deallocate()
        arena.deallocate()
    }

    func row(_ index: Int) -> Row { rows[index] }

    /// A value of a row.
    @inline(__always)
    func mark(_ mark: Int, of row: Int) -> FlatValue { marks[row &* marksPerRow &+ mark] }

    /// Whether another row of so many bytes, its header not counted, finds room; a batch without rows makes it.
    func hasRoom(for bytes: Int) -> Bool {
        if count == Self.most { return false }
        if used + headerRoom + bytes <= arena.count { return true }
        guard count == 0 else { return false }
        arena.deallocate()
        arena = .allocate(byteCount: headerRoom + bytes, alignment: 16)
        return true
    }

    /// Begins a row, for which there must be room.
    @inline(__always)
    func begin() -> RecordPacker {
        let start = (arena.baseAddress ?? UnsafeMutableRawPointer(rows)).assumingMemoryBound(to: UInt8.self)
        return RecordPacker(header: start + used, body: start + used + headerRoom)
    }

    /// Lets a value of the row that was begun be asked for.
    @inline(__always)
    func note(_ value: FlatValue, as mark: Int) { marks[count &* marksPerRow &+ mark] = value }

    /// Ends the row that was begun.
    @inline(__always)
    func close(_ packer: RecordPacker, record: Int64, hash: RecordHash) {
        let first = begin()
        (rows + count).initialize(
            to: Row(
                record: record,
                hash: hash,
                header: UnsafeRawBufferPointer(start: first.header, count: packer.header - first.header),
                body: UnsafeRawBufferPointer(start: first.body, count: packer.body - first.body)
            )
        )
        used += headerRoom + (packer.body - first.body)
        count += 1
    }

    func empty() {
        count = 0
        used = 0
    }
}
