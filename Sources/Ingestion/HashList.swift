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

    func append(_ hash: RecordHash) throws {
        if page.count == Self.perPage {
            try page.withUnsafeBytes { try file.write($0, at: written * MemoryLayout<RecordHash>.stride) }
            written += page.count
            page.removeAll(keepingCapacity: true)
        }
        page.append(hash)
    }

    /// Calls `body` with each.
    func read(_ body: (RecordHash) throws -> Void) throws {
        var full = [RecordHash](repeating: RecordHash(low: 0, high: 0), count: Self.perPage)
        for start in stride(from: 0, to: written, by: Self.perPage) {
            try full.withUnsafeMutableBytes {
                try file.read(into: $0, at: start * MemoryLayout<RecordHash>.stride)
            }
            for hash in full { try body(hash) }
        }
        for hash in page { try body(hash) }
    }
}
