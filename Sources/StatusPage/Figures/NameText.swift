/// Names behind each other in one piece of memory, in which a part of a name is found quickly.
///
/// ASCII letters are kept in lower case, and a byte that no shown name has stands behind each name.
struct NameText: Sendable {
    private static let end: UInt8 = 0

    private var bytes: [UInt8] = []
    private var starts: [Int32] = []

    var count: Int { starts.count }

    /// Adds a name behind the others; more than 2 GB of them are not kept.
    mutating func append(_ name: String) {
        starts.append(Int32(clamping: bytes.count))
        guard bytes.count < Int(Int32.max) - 65_536 else { return }
        for byte in name.utf8.prefix(4096) { bytes.append(Self.folded(byte)) }
        bytes.append(Self.end)
    }

    /// The form in which a part of a name is looked for.
    static func folded(_ part: String) -> [UInt8] { part.utf8.map(folded) }

    private static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// The places of the names that hold the part, from the last to the first, until `body` says that it is enough.
    func search(_ part: [UInt8], below limit: Int, _ body: (Int) -> Bool) {
        guard !part.isEmpty, part.count <= 4096, !part.contains(Self.end) else { return }
        // From the end in pieces, since the newest names stand there.
        var high = min(limit, starts.count)
        while high > 0 {
            let low = max(0, high - 512)
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
