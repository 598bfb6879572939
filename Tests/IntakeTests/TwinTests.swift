import Intake
import TestSupport
import Testing

/// A big file that was kept before is compared instead of written; what is kept is what came, always.
struct TwinTests {
    private static let size = 5 << 20
    private static let piece = 300_000
    private static let first = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }

    private func keep(_ bytes: [UInt8], in spool: Spool, announced: Int? = nil, backwards: Bool = false)
        throws -> String
    {
        let copy = try spool.makeCopy(size: Int64(announced ?? bytes.count), reserve: 0)
        let starts = Array(stride(from: 0, to: bytes.count, by: Self.piece))
        for start in backwards ? starts.reversed() : starts {
            let end = min(start + Self.piece, bytes.count)
            try copy.write(bytes.span.bytes.extracting(start..<end), at: Int64(start))
        }
        let kept = try spool.keep(copy)
        #expect(kept.size == Int64(bytes.count))
        return kept.sha256
    }

    /// The hash of bytes that nothing was kept of before.
    private func hash(_ bytes: [UInt8]) throws -> String {
        let folder = try TemporaryFolder("spool")
        return try keep(bytes, in: try Spool(folder: folder.path("spool")))
    }

    @Test func `the same bytes once more are the copy that is kept`() throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        let one = try keep(Self.first, in: spool)
        #expect(try keep(Self.first, in: spool) == one)
        #expect(try keep(Self.first, in: spool, backwards: true) == one)
        #expect(try folder.names(in: "spool") == [one])
    }

    @Test(arguments: [0, 1, piece - 1, piece, 3 << 20, size - 1])
    func `bytes that differ anywhere are kept as they came`(place: Int) throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        let one = try keep(Self.first, in: spool)
        var other = Self.first
        other[place] ^= 1
        let two = try keep(other, in: spool)
        #expect(try two == hash(other) && two != one)
        #expect(try TemporaryFolder.read(spool.path(of: two)) == other)
        #expect(try folder.names(in: "spool") == [one, two].sorted())
    }

    @Test(arguments: [-1, 1]) func `a file that is not as long as announced is kept as it came`(surplus: Int)
        throws
    {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        _ = try keep(Self.first, in: spool)
        let other = surplus < 0 ? Array(Self.first.dropLast()) : Self.first + [7]
        let two = try keep(other, in: spool, announced: Self.size)
        #expect(try two == hash(other))
        #expect(try TemporaryFolder.read(spool.path(of: two)) == other)
    }
}
