import CSV
import Receivables

/// Some hundred rows on their way from the thread that reads a file to the one that writes the ledger.
///
/// Raw memory, filled and emptied again and again: a row is the id and the values that one INSERT takes, and all texts
/// lie in the group itself. `@unchecked Sendable`, because a group is in one pair of hands at a time: whoever took it out
/// of the ``GroupRing`` has it alone until it is put back, and the ring's lock lies between.
final class RowGroup: @unchecked Sendable {
    static let most = 256

    /// How many rows it holds.
    private(set) var count = 0
    /// How far the file was read when the group was full.
    var bytesRead: Int64 = 0

    private let width: Int
    private let values: UnsafeMutablePointer<FlatValue>
    private let hashes: UnsafeMutablePointer<RecordHash>
    private let numbers: UnsafeMutablePointer<Int64>
    private var arena: UnsafeMutableRawBufferPointer
    private var used = 0

    /// - Parameter width: The number of values of a row.
    init(width: Int) {
        self.width = width
        values = .allocate(capacity: width * Self.most)
        values.initialize(repeating: .null, count: width * Self.most)
        hashes = .allocate(capacity: Self.most)
        hashes.initialize(repeating: RecordHash(low: 0, high: 0), count: Self.most)
        numbers = .allocate(capacity: Self.most)
        numbers.initialize(repeating: 0, count: Self.most)
        arena = .allocate(byteCount: 128 << 10, alignment: 16)
    }

    deinit {
        values.deallocate()
        hashes.deallocate()
        numbers.deallocate()
        arena.deallocate()
    }

    /// The values of a row.
    @inline(__always)
    func row(_ index: Int) -> UnsafeMutablePointer<FlatValue> { values + index &* width }

    /// What the record was of which the row was made.
    func hash(_ index: Int) -> RecordHash { hashes[index] }

    /// The number of the record of which the row was made.
    func number(_ index: Int) -> Int64 { numbers[index] }

    /// Takes rows out; the others close up, and their texts stay where they are.
    func remove(_ rows: Set<Int>) {
        guard !rows.isEmpty else { return }
        var kept = 0
        for index in 0..<count where !rows.contains(index) {
            if kept < index {
                row(kept).update(from: row(index), count: width)
                hashes[kept] = hashes[index]
                numbers[kept] = numbers[index]
            }
            kept += 1
        }
        count = kept
    }

    /// Whether another row with so many bytes of text finds room; a group without rows makes it.
    func hasRoom(for bytes: Int) -> Bool {
        if count == Self.most { return false }
        if used + bytes <= arena.count { return true }
        guard count == 0 else { return false }
        arena.deallocate()
        arena = .allocate(byteCount: bytes, alignment: 16)
        return true
    }

    /// Copies bytes into the group; there must be room.
    @inline(__always)
    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        let copy = UnsafeMutableRawBufferPointer(rebasing: arena[used..<used &+ bytes.count])
        copy.copyMemory(from: bytes)
        used &+= bytes.count
        return UnsafeRawPointer(copy.baseAddress ?? UnsafeMutableRawPointer(values))
    }

    /// Lets `write` put bytes at the end of what is kept; there must be room for as many as it writes.
    ///
    /// - Parameter write: Returns how many bytes it wrote.
    func append(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> UnsafeRawBufferPointer {
        let rest = UnsafeMutableRawBufferPointer(rebasing: arena[used...])
        let count = write(rest)
        used += count
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    /// Counts the row that was written last.
    func close(_ number: Int64, _ hash: RecordHash) {
        numbers[count] = number
        hashes[count] = hash
        count += 1
    }

    func empty() {
        count = 0
        used = 0
    }
}
