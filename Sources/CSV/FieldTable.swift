/// Where the fields of a record begin and end, in 32 bits each.
///
/// Entry `i` is where field `i` begins, counted from the first byte of the record; the entry after the last field
/// is one more than the record's length, as if another delimiter followed. So field `i` ends one byte before entry
/// `i + 1`, whose upper bits say how field `i` is quoted.
@usableFromInline
enum FieldTable {
    @inlinable static var offsetMask: Int { 0x3FFF_FFFF }
    /// The field is quoted and holds doubled quotes.
    @inlinable static var isEscaped: UInt32 { 0x8000_0000 }
    /// The field begins with a quote, but must be taken as it stands.
    @inlinable static var isLiteral: UInt32 { 0x4000_0000 }
}
