/// Turns the bytes of a UTF-16 or Windows-1252 file into UTF-8, chunk after chunk.
///
/// What is wrong in the file stays wrong: a lone surrogate becomes the three bytes it would have in UTF-8, a byte
/// that Windows-1252 does not define and half a unit at the end become 0xFF. None of these is valid UTF-8, so that
/// ``Record/invalidUTF8()`` finds them like any other bad byte.
struct Transcoder {
    let form: Form

    /// The most bytes that one byte of the file can become.
    static let growth = 3

    /// Decodes what is complete in `source`; the rest must be offered again in front of the next chunk.
    ///
    /// - Returns: The bytes used up, and the bytes written to `target`, which must have room for
    ///   ``growth`` times the source.
    func decode(
        _ source: UnsafeRawBufferPointer,
        isLast: Bool,
        to target: UnsafeMutableRawPointer
    ) -> (used: Int, written: Int) {
        var output = Output(target: target)
        switch form {
        case .utf8:
            for byte in source {
                output.put(byte)
            }
            return (source.count, output.count)
        case .windows1252:
            for byte in source {
                decodeWindows1252(byte, to: &output)
            }
            return (source.count, output.count)
        case .utf16(let isBigEndian):
            let used = decodeUTF16(source, isBigEndian: isBigEndian, isLast: isLast, to: &output)
            return (used, output.count)
        }
    }

    private func decodeWindows1252(_ byte: UInt8, to output: inout Output) {
        switch byte {
        case 0x00...0x7F:
            output.put(byte)
        case 0x80...0x9F:
            let scalar = Self.windows1252[Int(byte &- 0x80)]
            if scalar == 0 {
                output.put(0xFF)
            } else {
                output.put(scalar: UInt32(scalar))
            }
        default:
            output.put(scalar: UInt32(byte))
        }
    }

    private func decodeUTF16(
        _ source: UnsafeRawBufferPointer,
        isBigEndian: Bool,
        isLast: Bool,
        to output: inout Output
    ) -> Int {
        func unit(at position: Int) -> UInt32 {
            let first = UInt32(source[position])
            let second = UInt32(source[position + 1])
            return isBigEndian ? first << 8 | second : second << 8 | first
        }

        var position = 0
        while position + 1 < source.count {
            let high = unit(at: position)
            guard high & 0xFC00 == 0xD800 else {
                output.put(scalar: high)
                position += 2
                continue
            }
            guard position + 3 < source.count else {
                if !isLast {
                    return position
                }
                output.put(scalar: high)
                position += 2
                continue
            }
            let low = unit(at: position + 2)
            if low & 0xFC00 == 0xDC00 {
                output.put(scalar: 0x10000 + (high & 0x3FF) << 10 + (low & 0x3FF))
                position += 4
            } else {
                output.put(scalar: high)
                position += 2
            }
        }
        if isLast && position < source.count {
            output.put(0xFF)
            position += 1
        }
        return position
    }

    /// 0x80 to 0x9F of Windows-1252; 0 where it defines nothing.
    private static let windows1252: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    ]
}

/// Writes UTF-8 to memory; a surrogate is written like any other scalar of three bytes.
private struct Output {
    let target: UnsafeMutableRawPointer
    var count = 0

    init(target: UnsafeMutableRawPointer) {
        self.target = target
    }

    mutating func put(_ byte: UInt8) {
        target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    mutating func put(scalar: UInt32) {
        if scalar < 0x80 {
            return put(UInt8(truncatingIfNeeded: scalar))
        }
        if scalar < 0x800 {
            put(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
        } else {
            if scalar < 0x10000 {
                put(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            } else {
                put(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
                put(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            }
            put(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
        }
        put(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
}
