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
    /// The most bytes that a number takes in the body.
    package static let bodyPerNumber = 8
    /// How many bytes behind what they append ``appendNulls(_:)`` and the calls for what is padded may write; the latter
    /// read as many behind what they are given.
    package static let padding = 32

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
        append(value) { $1.copyMemory(from: $0, byteCount: $2) }
    }

    /// Appends a value whose text has ``padding`` behind it.
    @inlinable @inline(__always)
    public mutating func appendPadded(_ value: FlatValue) { append(value, Self.copyPadded) }

    @inlinable @inline(__always)
    mutating func append(
        _ value: FlatValue,
        _ copy: (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void
    ) {
        if let text = value.text {
            if let bytes = text.baseAddress { copy(bytes, UnsafeMutableRawPointer(body), text.count) }
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

    /// Appends what was packed before and has ``padding`` behind it.
    @inlinable @inline(__always)
    public mutating func appendPadded(
        header packedHeader: UnsafeRawBufferPointer,
        body packedBody: UnsafeRawBufferPointer
    ) {
        if let bytes = packedHeader.baseAddress {
            Self.copyPadded(bytes, to: header, packedHeader.count)
            header += packedHeader.count
        }
        if let bytes = packedBody.baseAddress {
            Self.copyPadded(bytes, to: body, packedBody.count)
            body += packedBody.count
        }
    }

    /// Copies a few bytes with the ``padding`` behind them: else the processor must guess how many they are.
    @inlinable @inline(__always)
    public static func copyPadded(
        _ source: UnsafeRawPointer,
        to target: UnsafeMutableRawPointer,
        _ count: Int
    ) {
        if count > 32 { return target.copyMemory(from: source, byteCount: count) }
        let (low, high) = (
            source.loadUnaligned(as: SIMD16<UInt8>.self),
            source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
        )
        target.storeBytes(of: low, as: SIMD16<UInt8>.self)
        target.storeBytes(of: high, toByteOffset: 16, as: SIMD16<UInt8>.self)
    }

    /// A number takes as few bytes as it can.
    @inlinable @inline(__always)
    public mutating func append(_ number: Int64) {
        let isBit = UInt64(bitPattern: number) <= 1
        // One bit more than the number has says which sign it has. Five and seven bytes are no size of their own.
        let bits = 65 &- (number ^ (number >> 63)).leadingZeroBitCount
        let bytes = (bits &+ 7) >> 3
        let count = isBit ? 0 : bytes < 5 ? bytes : (bytes &+ 1) & ~1
        header.pointee = isBit ? 8 &+ UInt8(truncatingIfNeeded: number) : Self.kind(of: count)
        header += 1
        // All eight bytes; what is too much is written over by the next value.
        let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        UnsafeMutableRawPointer(body).storeBytes(
            of: (UInt64(bitPattern: number) << shift).bigEndian,
            as: UInt64.self
        )
        body += count
    }

    /// The kind of a number of so many bytes: from one to four the same, five for six, six for eight.
    @inlinable @inline(__always)
    static func kind(of count: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: count < 5 ? count : count >> 1 &+ 2)
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
