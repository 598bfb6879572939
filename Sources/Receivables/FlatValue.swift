/// What a cell means, in sixteen bytes that nobody has to count or free: for the loops that run once for every cell.
///
/// A text is memory of whoever read the cell, and good as long as that says.
///
/// `public` as few things are here: what is only `package` the compiler does not build into the loops of other modules.
@frozen
public struct FlatValue: BitwiseCopyable, Sendable {
    /// The number, or the address of the text.
    @usableFromInline let word: Int
    /// The length of the text, or what else it is.
    @usableFromInline let length: Int

    @inlinable
    init(word: Int, length: Int) {
        self.word = word
        self.length = length
    }

    /// Nothing.
    @inlinable @inline(__always) public static var null: FlatValue { FlatValue(word: 0, length: -1) }

    /// A number.
    @inlinable @inline(__always)
    public static func integer(_ number: Int64) -> FlatValue {
        FlatValue(word: Int(truncatingIfNeeded: number), length: -2)
    }

    /// A text, which stays where it is.
    @inlinable @inline(__always)
    public static func text(_ bytes: UnsafeRawBufferPointer) -> FlatValue {
        FlatValue(word: Int(bitPattern: bytes.baseAddress), length: bytes.count)
    }

    /// Whether there is nothing.
    @inlinable @inline(__always) public var isNull: Bool { length == -1 }

    /// `nil` for nothing and for text.
    @inlinable @inline(__always) public var integer: Int64? { length == -2 ? Int64(word) : nil }

    /// `nil` for nothing and for numbers.
    @inlinable @inline(__always) public var text: UnsafeRawBufferPointer? {
        length < 0 ? nil : UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: word), count: length)
    }

    /// The same, for code that is not in such a hurry.
    package var value: FieldValue {
        if let integer { return .integer(integer) }
        return text.map { .text($0) } ?? .null
    }
}
