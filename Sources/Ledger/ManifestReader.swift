import GRDB

/// Reads the entries of a manifest, a block at a time.
package final class ManifestReader {
    private let reading: RawStatement
    private let generation: Int64
    private var number: Int64 = 0

    init(_ db: Database, generation: Int64) throws {
        reading = try RawStatement(
            db,
            sql: "SELECT entries FROM manifest_block WHERE generation = ? AND number = ?"
        )
        self.generation = generation
    }

    /// Reads the next block.
    ///
    /// - Returns: The entries and one more, which matches nothing; `nil` behind the last block. The caller frees them.
    package func next() throws -> UnsafeMutableBufferPointer<ManifestEntry>? {
        reading.bind(generation, at: 1)
        reading.bind(number, at: 2)
        defer { reading.reset() }
        guard try reading.step() else { return nil }
        number += 1
        let bytes = reading.bytes(0)
        let count = bytes.count / MemoryLayout<ManifestEntry>.stride
        let entries = UnsafeMutableBufferPointer<ManifestEntry>.allocate(capacity: count + 1)
        let stored = UnsafeRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<ManifestEntry>.stride)])
        UnsafeMutableRawBufferPointer(entries).copyMemory(from: stored)
        entries[count] = .none
        return entries
    }
}
