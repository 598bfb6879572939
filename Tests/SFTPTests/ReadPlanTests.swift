import Testing

@testable import SFTP

struct ReadPlanTests {
    /// Plays a server that has `actual` bytes; `order` picks which outstanding piece is answered next.
    private func play(
        size: UInt64?,
        actual: UInt64,
        chunk: UInt32 = 10,
        most: UInt64 = .max,
        order: (Int) -> Int = { _ in 0 }
    ) -> (verdict: ReadPlan.Verdict, read: UInt64, deepest: Int) {
        var plan = ReadPlan(size: size, chunk: chunk)
        var out: [ReadPlan.Piece] = []
        var read: UInt64 = 0
        var deepest = 0
        for _ in 0..<100_000 {
            while let piece = plan.next(within: 160) { out.append(piece) }
            deepest = max(deepest, out.count)
            guard plan.verdict == .unfinished, !out.isEmpty else { break }
            let piece = out.remove(at: order(out.count))
            if piece.offset >= actual {
                plan.ended(piece)
            } else {
                let count = min(UInt64(piece.count), actual - piece.offset, most)
                read += count
                _ = plan.received(piece, count: Int(count))
            }
        }
        return (plan.verdict, read, deepest)
    }

    @Test(arguments: [0, 1, 9, 10, 11, 100, 1234] as [UInt64])
    func `a file of the size it was said to have is whole, in any order`(size: UInt64) {
        for order: (Int) -> Int in [{ _ in 0 }, { $0 - 1 }, { $0 / 2 }] {
            #expect(play(size: size, actual: size, order: order).verdict == .whole)
            #expect(play(size: nil, actual: size, order: order).verdict == .whole)
            #expect(play(size: size, actual: size, most: 3, order: order).verdict == .whole)
            #expect(play(size: nil, actual: size, most: 1, order: order).verdict == .whole)
        }
    }

    @Test(arguments: [(0, 1), (20, 21), (20, 1000), (21, 20), (100, 0), (1000, 999)] as [(UInt64, UInt64)])
    func `a file of another size has changed, and no more than one byte beyond it is read`(
        size: UInt64,
        actual: UInt64
    ) {
        for order: (Int) -> Int in [{ _ in 0 }, { $0 - 1 }] {
            let end = play(size: size, actual: actual, order: order)
            #expect(end.verdict == .changed)
            #expect(end.read <= size + 1)
        }
    }

    @Test func `the number of pieces under way grows with the answers`() {
        var plan = ReadPlan(size: 1_000_000, chunk: 10)
        var sent = 0
        while plan.next(within: 1000) != nil { sent += 1 }
        #expect(sent == 8)
        _ = plan.received(ReadPlan.Piece(offset: 0, count: 10), count: 10)
        while plan.next(within: 1000) != nil { sent += 1 }
        #expect(sent == 17)
        #expect(play(size: 100_000, actual: 100_000).deepest == 16)
    }

    @Test func `a window that narrows lets no piece out until enough has come`() {
        var plan = ReadPlan(size: 1_000_000, chunk: 10)
        var sent: [ReadPlan.Piece] = []
        while let piece = plan.next(within: 80) { sent.append(piece) }
        #expect(sent.count == 8)
        for piece in sent.prefix(4) { _ = plan.received(piece, count: 10) }
        #expect(plan.next(within: 40) == nil)
        _ = plan.received(sent[4], count: 10)
        #expect(plan.next(within: 40) != nil)
        #expect(plan.next(within: 40) == nil)
    }

    @Test func `sizes at the end of the numbers do not overflow`() {
        var plan = ReadPlan(size: .max, chunk: .max)
        let piece = plan.next(within: 1 << 40)
        #expect(piece == ReadPlan.Piece(offset: 0, count: .max))
        plan.ended(ReadPlan.Piece(offset: 0, count: .max))
        #expect(plan.verdict == .changed)
    }

    @Test func `ranges join when they meet and never overlap`() {
        var covered = CoveredRanges()
        let kept = [10..<20, 0..<5, 4..<6, 0..<30, 5..<10].map { covered.insert($0) }
        #expect(kept == [true, true, false, false, true])
        #expect(covered.isExactly(20))
        #expect(!covered.isExactly(19))
        #expect(CoveredRanges().isExactly(0))
    }
}
