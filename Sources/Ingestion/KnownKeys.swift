import CMask
import Glibc
import Ledger
import Receivables

/// The keys of all records of a type, to be asked for in their thousands while no other rows come.
///
/// Keys that have the same hash are told apart by their bytes.
struct KnownKeys: Sendable {
    /// One key: 24 bits say where it lies, and 8 are of its hash.
    private struct Slot {
        var bits: UInt32 = 0

        init() {}

        init(place: Int, hash: UInt64) {
            bits = UInt32(truncatingIfNeeded: place) << 8 | UInt32(truncatingIfNeeded: hash & 0xFF)
        }

        var place: Int { Int(bits >> 8) }
        func mayBe(_ hash: UInt64) -> Bool { UInt64(bits & 0xFF) == hash & 0xFF }
    }

    /// Two thirds of them are taken: a key that is known is found within some two steps, side by side.
    private var slots: [Slot] = []
    /// Each key behind its length; nothing lies at the first place, so that 0 can mean none.
    private var bytes: [UInt8] = [0]
    private let hash: KeyHash

    /// What a key takes besides its bytes: its length, and its part of the slots.
    private static let perKey = 8
    /// The most memory that keys may take: no more than a slot can point into.
    static let most = 16 << 20

    /// - Parameter most: How much memory the keys may take.
    /// - Returns: `nil` when there are too many.
    init?(_ type: RecordType, transaction: LoadTransaction, isWeak: Bool, most: Int = most) throws {
        hash = KeyHash(isWeak: isWeak)
        // So they never move, which takes both places for a while; what is not written to takes no memory.
        bytes.reserveCapacity(most)
        var count = 0
        var size = 0
        try transaction.forEachKey(of: type) { key in
            count += 1
            size += key.count + Self.perKey
            guard size <= most else { return }
            // Keys have at most 255 characters of at most four bytes.
            bytes.append(UInt8(truncatingIfNeeded: key.count >> 8))
            bytes.append(UInt8(truncatingIfNeeded: key.count))
            bytes.append(contentsOf: key)
        }
        guard size <= most else { return nil }
        slots = [Slot](repeating: Slot(), count: count + count / 2 + 1)
        bytes.withUnsafeBytes { all in
            slots.withUnsafeMutableBufferPointer { slots in
                var place = 1
                while place < all.count {
                    let key = Self.key(at: place, in: all)
                    let hash = hash(key)
                    var index = Self.first(hash, of: slots.count)
                    while slots[index].place != 0 { index = Self.next(index, of: slots.count) }
                    slots[index] = Slot(place: place, hash: hash)
                    place += key.count + 2
                }
            }
        }
    }

    /// Calls `body` with the number of each key that is not known.
    ///
    /// Looks for all of them at once: each step waits for memory, and the processor waits for many at a time.
    ///
    /// - Parameters:
    ///   - count: How many keys there are.
    ///   - key: Gives the key of a number; `nil` where there is nothing to look for.
    @inline(__always)
    func forEachUnknown(
        of count: Int,
        key: (Int) -> UnsafeRawBufferPointer?,
        _ body: (Int) throws -> Void
    ) rethrows {
        try withUnsafeTemporaryAllocation(of: (hash: UInt64, index: Int).self, capacity: count) { searches in
            for number in 0..<count { searches[number].hash = key(number).map { hash($0) } ?? 0 }
            try slots.withUnsafeBufferPointer { slots in
                try bytes.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return }
                    for number in 0..<count {
                        let hash = searches[number].hash
                        let index = Self.find(hash, from: Self.first(hash, of: slots.count), in: slots)
                        searches[number].index = index
                        cmask_prefetch(start + slots[index].place)
                    }
                    for number in 0..<count {
                        guard let key = key(number),
                            !Self.contains(key, searches[number], slots: slots, bytes: bytes)
                        else { continue }
                        try body(number)
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func contains(
        _ key: UnsafeRawBufferPointer,
        _ search: (hash: UInt64, index: Int),
        slots: UnsafeBufferPointer<Slot>,
        bytes: UnsafeRawBufferPointer
    ) -> Bool {
        var index = search.index
        while slots[index].place != 0 {
            if equals(key, Self.key(at: slots[index].place, in: bytes)) { return true }
            index = find(search.hash, from: next(index, of: slots.count), in: slots)
        }
        return false
    }

    /// The next slot that may have a hash, or the free one before which it would be.
    @inline(__always)
    private static func find(_ hash: UInt64, from start: Int, in slots: UnsafeBufferPointer<Slot>) -> Int {
        var index = start
        while slots[index].place != 0, !slots[index].mayBe(hash) { index = next(index, of: slots.count) }
        return index
    }

    /// Where to look for a hash first; at least one slot is free, so that each search ends.
    @inline(__always)
    private static func first(_ hash: UInt64, of slots: Int) -> Int {
        Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(truncatingIfNeeded: slots)).high)
    }

    @inline(__always)
    private static func next(_ index: Int, of slots: Int) -> Int { index &+ 1 == slots ? 0 : index &+ 1 }

    @inline(__always)
    private static func equals(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard one.count == other.count else { return false }
        guard let first = one.baseAddress, let second = other.baseAddress else { return true }
        return memcmp(first, second, one.count) == 0
    }

    private static func key(at place: Int, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let start = place + 2
        let count = Int(bytes[start - 2]) << 8 | Int(bytes[start - 1])
        return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
    }
}

/// Says of a text whether it may have come before: never wrongly no, and seldom wrongly yes.
final class SeenTexts {
    /// A few bits for each text, in one block of 64 bytes.
    private let blocks: UnsafeMutablePointer<SIMD8<UInt64>>
    private let mask: Int
    private let hash: KeyHash

    /// - Parameter bytes: The size of the file; the memory is a small part of it, 4 MB at most.
    init(fileOf bytes: Int64, isWeak: Bool) {
        var count = 64
        while count < 1 << 16, Int64(count) * 64 * 48 < bytes { count *= 2 }
        mask = count - 1
        hash = KeyHash(isWeak: isWeak)
        blocks = .allocate(capacity: count)
        blocks.initialize(repeating: .zero, count: count)
    }

    deinit { blocks.deallocate() }

    /// - Returns: Whether the text may have been inserted before.
    func insert(_ text: UnsafeRawBufferPointer) -> Bool {
        let hash = hash(text)
        let words = UnsafeMutableRawPointer(blocks + Int(truncatingIfNeeded: hash >> 40) & mask)
            .assumingMemoryBound(to: UInt64.self)
        var wasThere = true
        for turn in 0..<4 as Range<UInt64> {
            let place = hash >> (turn &* 9) & 511
            let bit = UInt64(1) << (place & 63)
            let word = Int(truncatingIfNeeded: place >> 6)
            if words[word] & bit == 0 { wasThere = false }
            words[word] |= bit
        }
        return wasThere
    }
}

/// A keyed multiply-and-fold hash of short texts, for this process alone.
struct KeyHash: Sendable {
    private let seed = UInt64.random(in: .min ... .max)
    private let mask: UInt64

    /// - Parameter isWeak: Keeps 8 bits only, so that tests meet collisions all the time.
    init(isWeak: Bool) { mask = isWeak ? 0xFF : .max }

    func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            state = Self.fold(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail << 8 | UInt64(bytes[offset])
            offset &+= 1
        }
        return Self.fold(Self.fold(state ^ tail)) & mask
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
