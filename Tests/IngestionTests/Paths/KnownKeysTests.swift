import Ledger
import Receivables
import Testing

@testable import Ingestion

/// The keys in memory are those that are stored, whatever their hashes are.
struct KnownKeysTests {
    /// Which of the asked keys are not known, when these are stored.
    private func unknown(_ asked: [String?], among stored: [String], isWeak: Bool) throws -> [Int] {
        let keys = try #require(try Self.keys(stored, isWeak: isWeak))
        let bytes = asked.map { $0.map { Array($0.utf8) } }
        var unknown: [Int] = []
        withPlaces(of: bytes) { places in
            keys.forEachUnknown(of: places.count) {
                places[$0]
            } _: {
                unknown.append($0)
            }
        }
        return unknown
    }

    private static func keys(_ stored: [String], isWeak: Bool, most: Int = KnownKeys.most) throws
        -> KnownKeys?
    {
        let drop = try LoadingDrop()
        let type = try #require(Catalogue.type(named: "subsidiaries"))
        if !stored.isEmpty {
            let rows = stored.map { "\($0),N\n" }.joined()
            try drop.batch(.init(type.name, "subsidiary_id,name\n\(rows)"))
        }
        return try drop.ledger.load(file: 1, at: drop.now) { transaction in
            try KnownKeys(type, transaction: transaction, isWeak: isWeak, most: most)
        }
    }

    private func withPlaces(
        of texts: [[UInt8]?],
        _ body: ([UnsafeRawBufferPointer?]) -> Void
    ) {
        let all = texts.flatMap { $0 ?? [] }
        all.withUnsafeBytes { all in
            var end = 0
            body(
                texts.map { text in
                    guard let text else { return nil }
                    defer { end += text.count }
                    return UnsafeRawBufferPointer(rebasing: all[end..<end + text.count])
                }
            )
        }
    }

    @Test(arguments: [0, 1, 2, 5, 6, 7, 8, 300, 1500], [false, true])
    func `exactly the stored keys are known`(count: Int, isWeak: Bool) throws {
        let stored = (0..<count).map { $0 % 3 == 0 ? "key-of-some-length-\($0)" : "K\($0)" }
        let others = (0..<count + 20).map { $0 % 3 == 0 ? "K\($0)" : "key-of-some-length-\($0)" }
        var asked: [String?] = others + [""]
        for key in stored { asked += [key, nil, "\(key)0", String(key.dropLast())] }
        let known = Set(stored)
        let expected = asked.indices.filter { asked[$0].map { !known.contains($0) } ?? false }
        #expect(try unknown(asked, among: stored, isWeak: isWeak) == expected)
    }

    @Test func `the longest keys and those of other scripts are told apart`() throws {
        let long = String(repeating: "ü", count: 254)
        let stored = ["\(long)a", "\(long)b", "Ω", "Ωm"]
        let asked = stored + ["\(long)c", long, "m", "ω"]
        #expect(try unknown(asked, among: stored, isWeak: true) == [4, 5, 6, 7])
    }

    @Test func `keys that need more memory than they may take are not kept`() throws {
        let stored = (0..<100).map { "K\($0)" }
        let size = stored.map { $0.utf8.count + 8 }.reduce(0, +)
        #expect(try Self.keys(stored, isWeak: false, most: size) != nil)
        #expect(try Self.keys(stored, isWeak: false, most: size - 1) == nil)
    }
}
