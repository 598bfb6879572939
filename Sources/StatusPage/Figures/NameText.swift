/// Names behind each other in one piece of memory, in which a part of a name is found quickly.
///
/// ASCII letters are kept in lower case, and a byte that no shown name has stands behind each name.
struct NameText: Sendable {
    private static let end: UInt8 = 0

    /// How many names share a sieve.
    private static let block = 512
    /// The bits of a sieve, a power of two.
    private static let bits = 16_384

    private var bytes: [UInt8] = []
    private var starts: [Int32] = []
    /// For each block of names, which three bytes stand behind each other in it, by a hash: what is not in there is in
    /// none of its names.
    private var sieves: [[UInt64]] = []

    var count: Int { starts.count }

    /// Adds a name behind the others; more than 2 GB of them are not kept.
    mutating func append(_ name: String) {
        starts.append(Int32(clamping: bytes.count))
        if (starts.count - 1) % Self.block == 0 {
            sieves.append([UInt64](repeating: 0, count: Self.bits / 64))
        }
        guard bytes.count < Int(Int32.max) - 65_536 else { return }
        let start = bytes.count
        for byte in name.utf8.prefix(4096) { bytes.append(Self.folded(byte)) }
        let sieve = (starts.count - 1) / Self.block
        var index = start
        while index + 2 < bytes.count, sieve < sieves.count {
            let bit = Self.bit(bytes[index], bytes[index + 1], bytes[index + 2])
            sieves[sieve][bit / 64] |= 1 << UInt64(bit % 64)
            index += 1
        }
        bytes.append(Self.end)
    }

    private static func bit(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
        let three = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
        return Int((three &* 0x9E37_79B1) >> 18)
    }

    /// The form in which a part of a name is looked for.
    static func folded(_ part: String) -> [UInt8] { part.utf8.map(folded) }

    private static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// The places of the names that hold the part, from the last to the first, until `body` says that it is enough.
    func search(_ part: [UInt8], below limit: Int, _ body: (Int) -> Bool) {
        guard !part.isEmpty, part.count <= 4096, !part.contains(Self.end) else { return }
        let wanted = part.indices.dropLast(2).map { Self.bit(part[$0], part[$0 + 1], part[$0 + 2]) }
        // From the end in blocks, since the newest names stand there.
        var high = min(limit, starts.count)
        while high > 0 {
            let low = (high - 1) / Self.block * Self.block
            let sieve = sieves[low / Self.block]
            guard wanted.allSatisfy({ sieve[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }) else {
                high = low
                continue
            }
            let to = high < starts.count ? Int(starts[high]) : bytes.count
            let found = matches(part, from: Int(starts[low]), to: to, low: low, high: high)
            for place in found.reversed() where !body(place) { return }
            high = low
        }
    }

    /// Whether the name at a place holds the part.
    func holds(_ part: [UInt8], at place: Int) -> Bool {
        let to = place + 1 < starts.count ? Int(starts[place + 1]) : bytes.count
        return !matches(part, from: Int(starts[place]), to: to, low: place, high: place + 1).isEmpty
    }

    private func matches(_ part: [UInt8], from: Int, to: Int, low: Int, high: Int) -> [Int] {
        var found: [Int] = []
        var name = low
        bytes.withUnsafeBufferPointer { bytes in
            part.withUnsafeBufferPointer { part in
                var index = from
                let last = to - part.count
                while index <= last {
                    guard let hit = Self.next(part[0], in: bytes, from: index, through: last) else { return }
                    var same = 1
                    while same < part.count, bytes[hit + same] == part[same] { same += 1 }
                    guard same == part.count else {
                        index = hit + 1
                        continue
                    }
                    while name + 1 < high, Int(starts[name + 1]) <= hit { name += 1 }
                    found.append(name)
                    // The rest of this name tells nothing new.
                    guard name + 1 < high else { return }
                    index = Int(starts[name + 1])
                }
            }
        }
        return found
    }

    /// The next place of a byte, sixteen at a time.
    private static func next(
        _ byte: UInt8,
        in bytes: UnsafeBufferPointer<UInt8>,
        from: Int,
        through last: Int
    ) -> Int? {
        var index = from
        let wanted = SIMD16<UInt8>(repeating: byte)
        while index + 16 <= last + 1, let base = bytes.baseAddress {
            let block = UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<UInt8>.self)
            let hits = block .== wanted
            if any(hits) {
                for lane in 0..<16 where hits[lane] { return index + lane }
            }
            index += 16
        }
        while index <= last {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }
}
