import Glibc

/// The random numbers of one row: the same for the same seed, table and row, in whatever order rows are made.
struct Chance {
    private var state: UInt64

    init(seed: UInt64, table: UInt64, row: Int) {
        state =
            Self.mixed(seed &+ table &* 0xD6E8_FEB8_6659_FD93) ^ Self.mixed(UInt64(truncatingIfNeeded: row))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number from 0 up to, but without, `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Whether something of a probability in percent happens.
    mutating func happens(_ percent: Int) -> Bool { below(100) < percent }

    /// One of some choices.
    mutating func choice<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// An amount: log-normal, most between 20 and 20,000, never below 2.00.
    mutating func minorUnits() -> Int {
        let bits = next()
        // Four uniform numbers make a bell that is near enough to the normal one.
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
        let bell = (Double(sum) / 65_536 - 2) * 1.732
        return 200 + Int(exp(11.0 + 1.6 * bell))
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
