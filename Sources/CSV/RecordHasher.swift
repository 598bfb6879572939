/// Hashes the raw bytes of records: ``Record/bytes``, nothing unescaped, the line end left out.
///
/// Two lanes of multiply-and-fold, 16 bytes a step. The lanes take the words in opposite roles under keys of their own:
/// a word that equals one lane's key wipes out what came before in that lane alone, and the keys are secret.
@frozen
package struct RecordHasher: Sendable {
    @usableFromInline let key: SIMD4<UInt64>
    @usableFromInline let mask: RecordHash

    /// - Parameters:
    ///   - fingerprint: 32 bytes of a cryptographic hash, over a secret and all that the meaning of the bytes depends on.
    ///   - isWeak: Keeps 8 bits only, so that tests meet collisions all the time.
    package init(fingerprint: [UInt8], isWeak: Bool = false) {
        precondition(fingerprint.count == 32)
        key = fingerprint.withUnsafeBytes { bytes in
            SIMD4(
                Self.word(bytes, 0),
                Self.word(bytes, 8),
                Self.word(bytes, 16),
                Self.word(bytes, 24)
            )
        }
        mask = isWeak ? RecordHash(low: 0xFF, high: 0) : RecordHash(low: .max, high: .max)
    }

    @inlinable
    package func hash(_ bytes: UnsafeRawBufferPointer) -> RecordHash {
        let count = bytes.count
        var a = key[1]
        var b = key[3]
        if count >= 16 {
            var offset = 0
            while offset &+ 16 <= count {
                step(&a, &b, Self.word(bytes, offset), Self.word(bytes, offset &+ 8))
                offset &+= 16
            }
            if offset < count {
                // The last 16 bytes, some of them for the second time.
                step(&a, &b, Self.word(bytes, count &- 16), Self.word(bytes, count &- 8))
            }
        } else if count >= 8 {
            step(&a, &b, Self.word(bytes, 0), Self.word(bytes, count &- 8))
        } else if count > 0 {
            var word: UInt64 = 0
            for byte in bytes { word = word << 8 | UInt64(byte) }
            step(&a, &b, word, 0)
        }
        // The length tells apart what the words alone do not.
        step(&a, &b, UInt64(truncatingIfNeeded: count), 0x9E37_79B9_7F4A_7C15)
        return RecordHash(low: a & mask.low, high: b & mask.high)
    }

    @inlinable
    @inline(__always)
    func step(_ a: inout UInt64, _ b: inout UInt64, _ first: UInt64, _ second: UInt64) {
        a = Self.fold(first ^ key[0], second ^ a)
        b = Self.fold(second ^ key[2], first ^ b)
    }

    @inlinable
    @inline(__always)
    static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.high ^ product.low
    }

    /// Eight bytes as a number, the same on every machine.
    @inlinable
    @inline(__always)
    static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
