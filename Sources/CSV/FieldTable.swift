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

    /// How many bytes a field of a record in work has, without the quotes around it.
    ///
    /// - Parameters:
    ///   - index: Which field, from 1.
    ///   - table: The entries so far; the one after the last field is still missing.
    ///   - record: The bytes of the record.
    ///   - lastMarks: The marks of the field if it is the last one.
    static func size(
        of index: Int,
        in table: UnsafePointer<UInt32>,
        _ record: UnsafeRawBufferPointer,
        lastMarks: UInt32?
    ) -> Int {
        let start = Int(table[index - 1]) & offsetMask
        let end = lastMarks == nil ? Int(table[index]) & offsetMask - 1 : record.count
        let isLiteral = (lastMarks ?? table[index]) & isLiteral != 0
        let isQuoted = end - start > 1 && record[start] == Byte.quote && !isLiteral
        return isQuoted ? end - start - 2 : end - start
    }
}
