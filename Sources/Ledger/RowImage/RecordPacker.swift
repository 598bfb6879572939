public import Receivables

/// Puts the values of one row together as SQLite stores them.
///
/// A record is a header, which says of each value what it is and how long, and a body with the values' bytes
/// (https://www.sqlite.org/fileformat2.html#record_format). Both grow side by side, and the size of the header, which comes
/// first, is only known in the end: ``PackedPage`` puts it in front.
///
/// `public`, as ``FlatValue`` is, for the loop of the module that reads the rows.
public struct RecordPacker {
    /// Where the next value's kind goes.
    @usableFromInline package internal(set) var header: UnsafeMutablePointer<UInt8>
    /// Where the next value's bytes go.
    @usableFromInline package internal(set) var body: UnsafeMutablePointer<UInt8>

    /// The most bytes that a value takes in the header.
    package static let headerPerValue = 5
    /// How far beyond their place in the header values that are none may be written.
    package static let beyondNulls = 15
    /// The most bytes that a number takes in the body.
    package static let bodyPerNumber = 8

    /// - Parameters:
    ///   - header: Has room for ``headerPerValue`` bytes for each value.
    ///   - body: Has room for all texts, and ``bodyPerNumber`` bytes for each number.
    @inlinable @inline(__always)
    public init(header: UnsafeMutablePointer<UInt8>, body: UnsafeMutablePointer<UInt8>) {
        self.header = header
        self.body = body
    }

    /// Appends a value.
    @inlinable @inline(__always)
    public mutating func append(_ value: FlatValue) {
        if let text = value.text {
            if let bytes = text.baseAddress {
                Self.copy(bytes, to: body, text.count)
            }
            closeText(of: text.count)
        } else if let number = value.integer {
            append(number)
        } else {
            header.pointee = 0
            header += 1
        }
    }

    /// Ends a text that was written where the body goes on.
    @inlinable @inline(__always)
    public mutating func closeText(of count: Int) {
        header += Varint.write(UInt64(truncatingIfNeeded: count) &* 2 &+ 13, to: header)
        body += count
    }

    /// Appends so many values that are none.
    @inlinable @inline(__always)
    public mutating func appendNulls(_ count: Int) {
        var place = 0
        // In whole pieces; what is too much is written over by the next value.
        while place < count {
            UnsafeMutableRawPointer(header).storeBytes(
                of: SIMD16<UInt8>(),
                toByteOffset: place,
                as: SIMD16<UInt8>.self
            )
            place &+= 16
        }
        header += count
    }

    /// Appends what was packed before.
    @inlinable @inline(__always)
    public mutating func append(
        header packedHeader: UnsafeRawBufferPointer,
        body packedBody: UnsafeRawBufferPointer
    ) {
        if let bytes = packedHeader.baseAddress {
            Self.copy(bytes, to: header, packedHeader.count)
            header += packedHeader.count
        }
        if let bytes = packedBody.baseAddress {
            Self.copy(bytes, to: body, packedBody.count)
            body += packedBody.count
        }
    }

    /// Copies a few bytes, for which a call would take longer.
    @inlinable @inline(__always)
    static func copy(_ source: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let target = UnsafeMutableRawPointer(target)
        if count > 32 {
            target.copyMemory(from: source, byteCount: count)
        } else if count > 16 {
            // The two pieces overlap, and say the same where they do.
            copy(SIMD16<UInt8>.self, source, to: target, 0)
            copy(SIMD16<UInt8>.self, source, to: target, count &- 16)
        } else if count >= 8 {
            copy(UInt64.self, source, to: target, 0)
            copy(UInt64.self, source, to: target, count &- 8)
        } else if count >= 4 {
            copy(UInt32.self, source, to: target, 0)
            copy(UInt32.self, source, to: target, count &- 4)
        } else {
            for place in 0..<count { copy(UInt8.self, source, to: target, place) }
        }
    }

    @inlinable @inline(__always)
    static func copy<Piece: BitwiseCopyable>(
        _: Piece.Type,
        _ source: UnsafeRawPointer,
        to target: UnsafeMutableRawPointer,
        _ place: Int
    ) {
        let piece = source.loadUnaligned(fromByteOffset: place, as: Piece.self)
        target.storeBytes(of: piece, toByteOffset: place, as: Piece.self)
    }

    /// A number takes as few bytes as it can.
    @inlinable
    public mutating func append(_ number: Int64) {
        let (kind, count): (UInt8, Int) =
            switch number {
            case 0: (8, 0)
            case 1: (9, 0)
            case -0x80...0x7F: (1, 1)
            case -0x8000...0x7FFF: (2, 2)
            case -0x80_0000...0x7F_FFFF: (3, 3)
            case -0x8000_0000...0x7FFF_FFFF: (4, 4)
            case -0x8000_0000_0000...0x7FFF_FFFF_FFFF: (5, 6)
            default: (6, 8)
            }
        header.pointee = kind
        header += 1
        for place in 0..<count {
            body[place] = UInt8(truncatingIfNeeded: number >> Int64((count &- 1 &- place) &* 8))
        }
        body += count
    }
}

/// SQLite's numbers of variable length: seven bits in each byte, the highest first; the last byte has no high bit.
@usableFromInline
enum Varint {
    /// - Parameter number: Below 2 to the power of 56, as all sizes and row numbers here are.
    /// - Returns: How many bytes it took, eight at most.
    @inlinable @inline(__always)
    static func write(_ number: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if number < 0x80 {
            target.pointee = UInt8(truncatingIfNeeded: number)
            return 1
        }
        let count = size(of: number)
        for place in 0..<count {
            let bits = UInt8(truncatingIfNeeded: number >> UInt64((count &- 1 &- place) &* 7)) & 0x7F
            target[place] = place &+ 1 < count ? bits | 0x80 : bits
        }
        return count
    }

    @inlinable @inline(__always)
    static func size(of number: UInt64) -> Int {
        var count = 1
        var rest = number >> 7
        while rest > 0 {
            count &+= 1
            rest >>= 7
        }
        return count
    }
}
