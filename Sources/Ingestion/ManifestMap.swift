import CSV
import Ledger

/// Many entries of a manifest in no order, 20 bytes for each: for files whose order is not that of the last one.
final class ManifestMap {
    private let slots: UnsafeMutablePointer<ManifestEntry>
    private let capacity: Int
    /// How many entries may still be added.
    private var room: Int

    /// - Parameter entries: How many will be added at most.
    init(entries: Int) {
        // At six sevenths a search for what is not there takes some 25 steps through neighbouring memory.
        room = entries
        capacity = entries + entries / 6 + 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: .none, count: capacity)
    }

    deinit { slots.deallocate() }

    /// Adds an entry; its row is not 0.
    ///
    /// Entries beyond the promised ones are forgotten, which costs nothing but time.
    func add(_ entry: ManifestEntry) {
        guard room > 0 else { return }
        room -= 1
        var slot = slot(of: entry.low)
        while slots[slot].row != 0 { slot = slot + 1 == capacity ? 0 : slot + 1 }
        slots[slot] = entry
    }

    /// The row of a record; 0 for none.
    func row(of hash: RecordHash) -> UInt32 {
        var slot = slot(of: hash.low)
        while slots[slot].row != 0 {
            if slots[slot].isOf(hash) { return slots[slot].row }
            slot = slot + 1 == capacity ? 0 : slot + 1
        }
        return 0
    }

    private func slot(of low: UInt64) -> Int {
        Int(truncatingIfNeeded: low.multipliedFullWidth(by: UInt64(capacity)).high)
    }
}
