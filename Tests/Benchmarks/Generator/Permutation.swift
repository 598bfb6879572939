/// Every number below a bound once, in an order that looks like none; needs no memory.
struct Permutation {
    private let count: Int
    private let half: UInt64
    private let seed: UInt64

    /// - Parameters:
    ///   - count: How many numbers.
    ///   - seed: Which order.
    init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
        var bits: UInt64 = 2
        while 1 << (2 * bits) < UInt64(count) { bits += 1 }
        half = bits
    }

    /// The number at a place.
    func callAsFunction(_ place: Int) -> Int {
        // A Feistel network permutes a power of four; what falls outside goes round again.
        var value = UInt64(place)
        repeat { value = scrambled(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func scrambled(_ value: UInt64) -> UInt64 {
        let mask = (1 << half) - 1 as UInt64
        var left = value >> half
        var right = value & mask
        for round in 0..<4 as Range<UInt64> {
            var mixed = (right ^ seed &+ round &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 29)) &* 0x94D0_49BB_1331_11EB
            (left, right) = (right, (left ^ (mixed >> 32)) & mask)
        }
        return left << half | right
    }
}
