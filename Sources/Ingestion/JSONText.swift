import CMask

/// Text as a JSON string (RFC 8259).
enum JSONText {
    /// `text` in quotes, with everything escaped that must be.
    static func bytes(of text: String) -> [UInt8] {
        let count = text.utf8.count
        let padded = Array(text.utf8) + [UInt8](repeating: 0, count: 16)
        return padded.withUnsafeBytes { padded in
            [UInt8](unsafeUninitializedCapacity: 2 + 6 * count + 16) { target, written in
                guard let start = target.baseAddress else { return }
                var end = start
                write(UnsafeRawBufferPointer(rebasing: padded[..<count]), at: &end)
                written = end - start
            }
        }
    }

    /// Writes the same of a text that has sixteen bytes behind it that may be read; as many are written behind the end.
    ///
    /// There must be room for two bytes and six for each byte of the text, and for those sixteen.
    @inline(__always)
    static func write(_ text: UnsafeRawBufferPointer, at end: inout UnsafeMutablePointer<UInt8>) {
        put(0x22, at: &end)
        if let start = text.baseAddress {
            var place = 0
            while place < text.count {
                let piece = (start + place).loadUnaligned(as: SIMD16<UInt8>.self)
                UnsafeMutableRawPointer(end).storeBytes(of: piece, as: SIMD16<UInt8>.self)
                let plain = cmask_plain_json(start + place)
                let left = text.count &- place
                end += min(plain, left)
                place &+= plain
                guard plain < 16, plain < left else { continue }
                escape(text[place], at: &end)
                place &+= 1
            }
        }
        put(0x22, at: &end)
    }

    @inline(never)
    private static func escape(_ byte: UInt8, at end: inout UnsafeMutablePointer<UInt8>) {
        put(0x5C, at: &end)
        switch byte {
        case 0x22, 0x5C: put(byte, at: &end)
        case 0x0A: put(UInt8(ascii: "n"), at: &end)
        case 0x0D: put(UInt8(ascii: "r"), at: &end)
        case 0x09: put(UInt8(ascii: "t"), at: &end)
        default:
            put(UInt8(ascii: "u"), at: &end)
            put(UInt8(ascii: "0"), at: &end)
            put(UInt8(ascii: "0"), at: &end)
            put(hex(byte >> 4), at: &end)
            put(hex(byte & 15), at: &end)
        }
    }

    @inline(__always)
    private static func put(_ byte: UInt8, at end: inout UnsafeMutablePointer<UInt8>) {
        end.pointee = byte
        end += 1
    }

    private static func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? digit + 48 : digit + 87 }
}
