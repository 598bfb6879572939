import CSV
import Testing

/// What is stored of records must mean the same in years to come.
struct RecordHashTests {
    static let fingerprint = (0..<32).map { UInt8($0 * 7 + 1) }

    private func hash(_ bytes: [UInt8], _ fingerprint: [UInt8] = fingerprint, isWeak: Bool = false)
        -> RecordHash
    {
        let hasher = RecordHasher(fingerprint: fingerprint, isWeak: isWeak)
        return bytes.withUnsafeBytes { hasher.hash($0) }
    }

    /// Whoever changes the function finds these and raises the version.
    @Test(arguments: [
        (0, 0x170A_1760_F1A9_7559 as UInt64, 0xAD15_E766_18AD_8857 as UInt64),
        (1, 0xBCA8_9FC2_C72E_B2EE as UInt64, 0xB43C_BA58_FC6B_0F07 as UInt64),
        (7, 0xB097_05B8_F22B_4CF1 as UInt64, 0xD48B_611C_A169_3207 as UInt64),
        (8, 0xD70E_1EB5_9297_C44F as UInt64, 0xE881_DAEB_B336_4166 as UInt64),
        (16, 0xB635_CE8D_D5E4_31EA as UInt64, 0x8488_67BC_134A_CB11 as UInt64),
        (23, 0x62F8_C4D7_897D_1B27 as UInt64, 0x420E_40C1_867A_3CEB as UInt64),
        (100, 0x116F_D1FC_4501_D75B as UInt64, 0x76D7_0700_3D5E_BE48 as UInt64),
    ])
    func `the function never changes`(length: Int, low: UInt64, high: UInt64) {
        #expect(RecordHash.version == 1)
        #expect(hash((0..<length).map { UInt8($0) }) == RecordHash(low: low, high: high))
    }

    @Test func `every bit, every length and every key byte counts`() {
        var seen: Set<RecordHash> = []
        var count = 0
        for length in 0...70 {
            let bytes = [UInt8](repeating: 0, count: length)
            seen.insert(hash(bytes))
            count += 1
            for bit in 0..<length * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << (bit % 8)
                seen.insert(hash(changed))
                count += 1
            }
        }
        #expect(Set(seen.map(\.low)).count == count)
        #expect(Set(seen.map(\.high)).count == count)
        for place in 0..<32 {
            var fingerprint = Self.fingerprint
            fingerprint[place] ^= 1
            seen.insert(hash([1, 2, 3], fingerprint))
            count += 1
        }
        #expect(seen.count == count)
    }

    @Test func `words that equal the keys do not wipe out what came before`() {
        let key = Self.fingerprint
        let one = hash([1] + [UInt8](repeating: 0, count: 15) + key[0..<8] + key[0..<8])
        let two = hash([2] + [UInt8](repeating: 0, count: 15) + key[0..<8] + key[0..<8])
        #expect(one != two)
    }

    @Test func `bytes anywhere in memory hash alike`() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let expected = hash(Array(bytes[8..<90]))
        for shift in 0..<8 {
            var moved = [UInt8](repeating: 9, count: shift) + bytes[8..<90] + [7]
            moved.removeFirst(shift)
            moved.removeLast()
            #expect(hash(moved) == expected)
        }
        let hasher = RecordHasher(fingerprint: Self.fingerprint)
        bytes.withUnsafeBytes { all in
            #expect(hasher.hash(UnsafeRawBufferPointer(rebasing: all[8..<90])) == expected)
        }
    }

    @Test func `the weak hash has 256 values`() {
        let seen = Set((0..<10_000).map { number in hash(Array("\(number)".utf8), isWeak: true) })
        #expect(seen.count == 256)
    }

    @Test func `a set hashes alike in every order`() {
        let members = (0..<20).map { hash([UInt8($0)]) }
        var forward = RecordHash(low: 0, high: 0)
        var backward = forward
        for member in members { forward &+= member }
        for member in members.reversed() { backward &+= member }
        #expect(forward == backward)
        backward &+= members[3]
        #expect(forward != backward)
    }
}
