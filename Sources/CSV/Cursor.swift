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
        /// Behind a quote within quotes, which closes them unless another follows at once.
        case closed
    }

    var state = State.plain
    /// Special bytes of the block in work that were not met yet, bit by bit.
    var specials: UInt64 = 0
    /// Bytes from 0x80 up of the block in work, those of earlier records left out.
    var high: UInt64 = 0
    /// Not 0 if an earlier block of this record had such bytes.
    var sawHigh: UInt64 = 0
    /// The block in work ends here.
    var nextBlock = 0
    var recordStart = 0
    var fieldStart = 0
    /// The last closing quote.
    var closing = 0
    /// Fields of this record that are finished.
    var count = 0
    /// The upper bits of the ``FieldTable`` entry for the field in work.
    var marks: UInt32 = 0

    /// Follows bytes that were moved by `distance`.
    mutating func shift(by distance: Int) {
        nextBlock += distance
        recordStart += distance
        fieldStart += distance
        closing += distance
    }

    /// Settles for this record which high bytes are its own: those before `bit` of the block in work.
    @inline(__always)
    mutating func takeHigh(before bit: Int) {
        let own: UInt64 = (1 &<< UInt64(truncatingIfNeeded: bit)) &- 1
        sawHigh |= high & own
        high &= ~own
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
