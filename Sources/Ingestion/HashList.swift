import CSV
import Ledger

/// The hashes of rows, in their order, where they take no memory.
///
/// `@unchecked Sendable`, because the thread that reads the file has it alone until it says that it has ended.
final class HashList: @unchecked Sendable {
    private let file: NamelessFile
    private var page: [RecordHash] = []
    private var written = 0

    private static let perPage = 4096

    /// - Throws: `DatabaseError`.
    init() throws {
        file = try NamelessFile()
        page.reserveCapacity(Self.perPage)
    }

    /// Adds hashes.
    ///
    /// - Parameters:
    ///   - count: How many, of which a page has room for all.
    ///   - hash: Gives each, by its number.
    func add(_ count: Int, _ hash: (Int) -> RecordHash) throws {
        if page.count + count > Self.perPage {
            try page.withUnsafeBytes { try file.write($0, at: written * MemoryLayout<RecordHash>.stride) }
            written += page.count
            page.removeAll(keepingCapacity: true)
        }
        for number in 0..<count { page.append(hash(number)) }
    }

    /// Calls `body` with each.
    func read(_ body: (RecordHash) throws -> Void) throws {
        var some = [RecordHash](repeating: RecordHash(low: 0, high: 0), count: Self.perPage)
        for start in stride(from: 0, to: written, by: Self.perPage) {
            let count = min(Self.perPage, written - start)
            try some.withUnsafeMutableBytes { some in
                let size = count * MemoryLayout<RecordHash>.stride
                let part = UnsafeMutableRawBufferPointer(rebasing: some[..<size])
                try file.read(into: part, at: start * MemoryLayout<RecordHash>.stride)
            }
            for hash in some[..<count] { try body(hash) }
        }
        for hash in page { try body(hash) }
    }
}
