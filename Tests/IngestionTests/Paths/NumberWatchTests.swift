import Ledger
import Testing

@testable import Ingestion

/// What the quick look at numbers and at rows that are not named says is what a plain look says.
struct NumberWatchTests {
    /// As the reader of a first load asks: what came before is remembered once it is needed.
    private func news(in numbers: [String]) -> [Bool] {
        var watch = NumberWatch()
        return numbers.indices.map { index in
            Array(numbers[index].utf8).withUnsafeBytes { number in
                if let isNew = watch.note(number) { return isNew }
                let seen = SeenTexts(fileOf: 1 << 20, isWeak: false)
                for earlier in numbers[..<index] {
                    _ = Array(earlier.utf8).withUnsafeBytes { seen.insert($0) }
                }
                watch.seen = seen
                return watch.note(number) ?? false
            }
        }
    }

    @Test(arguments: [
        ["A1", "A2", "A3"], ["A1", "A1"], ["A1", "A2", "A1"], ["B", "A", "B", "C", "A"], ["A9", "A10", "A9"],
        ["", "", "A"], ["A", "AB", "A"], ["B", "A", "A"], ["1", "2", "3", "2", "4", "4"],
        [String(repeating: "1", count: 1000), String(repeating: "1", count: 1001), "2", "2"],
    ]) func `a number that stood there before is never taken for new`(numbers: [String]) {
        let plain = numbers.indices.map { !numbers[..<$0].contains(numbers[$0]) }
        #expect(news(in: numbers) == plain)
    }

    @Test(arguments: [[], [1], [1, 2, 64], [63, 64, 65, 128], Array(1...200)] as [[Int64]])
    func `the rows that are missing are those that are not there`(rows: [Int64]) {
        var present = Presence()
        for row in rows { present.insert(row) }
        for last in [0, 1, 63, 64, 129] as [Int64] {
            var missing: [Int64] = []
            present.forEachMissing(upTo: last) { missing.append($0) }
            #expect(missing == (0...last).filter { last > 0 && !rows.contains($0) })
        }
    }

    @Test func `rows of two sets are joined, shared and taken away`() {
        var one = Presence()
        var other = Presence()
        for row in [1, 70, 200] as [Int64] { one.insert(row) }
        for row in [2, 70] as [Int64] { other.insert(row) }
        func rows(_ set: Presence) -> [Int64] { (0...300).filter { set.contains($0) } }
        #expect(rows(one.union(other)) == [1, 2, 70, 200])
        #expect(rows(other.union(one)) == [1, 2, 70, 200])
        #expect(rows(one.intersection(other)) == [70])
        #expect(rows(one.subtracting(other)) == [1, 200])
        #expect(rows(other.subtracting(one)) == [2])
    }
}
