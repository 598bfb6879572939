/// Where the splitter stands, in positions of the window.
///
/// Kept apart from the splitter so that the inner loop can hold a copy of all of it in registers.
struct Cursor {
    /// Where within a field the splitter stands.
    enum State {
        /// Outside quotes, be it at the start of a field or within it.
        case plain
        /// Within quotes.
        case quoted
        /// Within quotes, between the two halves of a doubled quote.
        case doubled
    }

    var state = State.plain
    /// Delimiters of the block in work that were not met yet, bit by bit.
    var delimiters: UInt64 = 0
    /// Its other special bytes that were not met yet.
    var specials: UInt64 = 0
    /// Bytes from 0x80 up of the block in work, those of earlier records left out.
    var high: UInt64 = 0
    /// Not 0 if an earlier block of this record had such bytes.
    var sawHigh: UInt64 = 0
    /// The block in work ends here.
    var nextBlock = 0
    var recordStart = 0
    var fieldStart = 0
    /// Fields of this record that are finished.
    var count = 0
    /// The upper bits of the ``FieldTable`` entry for the field in work.
    var marks: UInt32 = 0

    /// Follows bytes that were moved by `distance`.
    mutating func shift(by distance: Int) {
        nextBlock += distance
        recordStart += distance
        fieldStart += distance
    }

    @inline(__always)
    mutating func beginRecord(at position: Int) {
        state = .plain
        recordStart = position
        fieldStart = position
        sawHigh = 0
        count = 0
        marks = 0
    }
}
