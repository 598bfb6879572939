/// The columns of one file, made ready to read row after row.
///
/// It reads the cells that are as most cells are, and says which are not: those that are wrong, that are stored
/// otherwise than they are written, or that are merely rare. They are read by ``FieldReading``, which also says what
/// every form means: a cell that is taken here gives the same value there.
package final class CellPlan {
    /// How one cell of each row is read.
    private struct Step {
        var kind: Kind
        /// Whether a blank cell is wrong.
        var isRequired: Bool
        var sign: ColumnFormat.Sign
        /// The most bytes of a text that need not be counted.
        var limit: Int
        /// The place of the value among those of the row.
        var column: Int
        /// The first of its words, and how many there are.
        var words: (first: Int, count: Int)
    }

    private enum Kind: UInt8 {
        case text
        case id
        case amount
        case foreignAmount
        case date
        case timestamp
        case currency
        case word
        case other
    }

    /// How many cells each row has for it.
    package let count: Int
    private let steps: UnsafeMutablePointer<Step>
    private let words: UnsafeMutablePointer<ShortWord>
    private let formats: [ColumnFormat]
    private let reading: FieldReading

    /// - Parameters:
    ///   - columns: The native columns of the type.
    ///   - present: The places of those that the file has, in ascending order.
    package init(_ columns: [Column], present: [Int], reading: FieldReading) {
        self.reading = reading
        formats = present.map { columns[$0].format }
        count = present.count
        var all: [ShortWord] = []
        let onlyISODates = reading.dateFormats == [.iso]
        let list = present.map { place in
            let column = columns[place]
            var step = Step(
                kind: .other,
                isRequired: column.class == .required,
                sign: .any,
                limit: 255,
                column: place,
                words: (all.count, 0)
            )
            switch column.format {
            case .id: step.kind = .id
            case .string(let limit):
                step.kind = .text
                step.limit = limit
            case .money(let currency, let sign):
                step.kind = currency == .row ? .amount : .foreignAmount
                step.sign = sign
            case .date: step.kind = onlyISODates ? .date : .other
            case .timestamp: step.kind = .timestamp
            case .currency: step.kind = .currency
            case .oneOf(let words):
                step.kind = .word
                let short = words.bytes.compactMap { $0.withUnsafeBytes { ShortWord($0) } }
                step.words.count = short.count
                all += short
            case .decimal, .bool, .country, .language, .timeZone, .email, .url, .list:
                step.kind = .other
            }
            return step
        }
        steps = .allocate(capacity: max(1, list.count))
        steps.initialize(from: list, count: list.count)
        words = .allocate(capacity: max(1, all.count))
        words.initialize(from: all, count: all.count)
    }

    deinit {
        steps.deallocate()
        words.deallocate()
    }

    /// Reads the cells of one row.
    ///
    /// - Parameters:
    ///   - cells: One for each column of the file, in the order of `present`, not trimmed.
    ///   - scale: The number of decimals of the row's currency; `nil` while that is not known.
    ///   - values: Receives a value for each column that was read, at the column's place.
    ///   - unread: Receives the numbers of the cells that were not read, in ascending order.
    /// - Returns: How many were not read.
    package func read(
        _ cells: UnsafePointer<UnsafeRawBufferPointer>,
        scale: Int?,
        into values: UnsafeMutablePointer<FlatValue>,
        unread: UnsafeMutablePointer<Int>
    ) -> Int {
        var left = 0
        for index in 0..<count {
            let step = steps + index
            if let value = value(cells[index], step, index, scale: scale) {
                values[step.pointee.column] = value
            } else {
                unread[left] = index
                left &+= 1
            }
        }
        return left
    }

    @inline(__always)
    private func value(
        _ cell: UnsafeRawBufferPointer,
        _ step: UnsafeMutablePointer<Step>,
        _ index: Int,
        scale: Int?
    ) -> FlatValue? {
        var text = cell
        guard var start = text.baseAddress, !text.isEmpty else {
            return step.pointee.isRequired ? nil : .null
        }
        if Self.mayNeedTrimming(text) {
            text = Cell.trimmed(cell)
            guard let address = text.baseAddress, !text.isEmpty else {
                return step.pointee.isRequired ? nil : .null
            }
            start = address
        }
        let count = text.count
        if step.pointee.kind == .text { return count <= step.pointee.limit ? .text(text) : nil }
        if count == 3 || count == 4, Cell.isPlaceholder(text) { return nil }
        switch step.pointee.kind {
        case .text, .id:
            return count <= step.pointee.limit ? .text(text) : nil
        case .amount:
            guard let scale else { return nil }
            return Self.amount(start, count, scale: scale, step.pointee.sign)
        case .foreignAmount:
            return Self.amount(start, count, scale: Amount.foreignScale, step.pointee.sign)
        case .date:
            return count == 10 && Self.isDate(start) ? .text(text) : nil
        case .timestamp:
            return count == 20 && Self.isDate(start) && Self.isTime(start + 10) ? .text(text) : nil
        case .currency:
            guard count == 3, text[0] < 0x61, text[1] < 0x61, text[2] < 0x61, Currency(text) != nil else {
                return nil
            }
            return .text(text)
        case .word:
            guard let word = ShortWord(text) else { return nil }
            for place in step.pointee.words.first..<step.pointee.words.first + step.pointee.words.count
            where words[place] == word {
                return .text(text)
            }
            return nil
        case .other:
            return rare(text, index)
        }
    }

    @inline(never)
    private func rare(_ text: UnsafeRawBufferPointer, _ index: Int) -> FlatValue? {
        switch reading.read(text, as: formats[index], scale: nil) {
        case .value(.text(let text)): .text(text)
        case .value(.integer(let number)): .integer(number)
        case .value(.null), .value(.rewritten), .problem: nil
        }
    }

    /// Whether the text has at an end what may be a space, a tab, or half of a no-break space.
    @inline(__always)
    private static func mayNeedTrimming(_ text: UnsafeRawBufferPointer) -> Bool {
        let (first, last) = (text[0], text[text.count &- 1])
        return first <= 0x20 || last <= 0x20 || first == 0xC2 || last == 0xA0
    }

    /// An amount that is written plainly and fits.
    @inline(__always)
    private static func amount(
        _ text: UnsafeRawPointer,
        _ count: Int,
        scale: Int,
        _ sign: ColumnFormat.Sign
    ) -> FlatValue? {
        let isNegative = byte(text, 0) == UInt8(ascii: "-")
        let first = isNegative ? 1 : 0
        // 14 digits and four decimals more are below 2^63.
        guard count &- first <= 14 else { return nil }
        if scale == 2, let units = shortAmount(text, count) { return judged(units, sign) }
        var place = first
        var units: Int64 = 0
        while place < count {
            let digit = byte(text, place) &- 0x30
            if digit > 9 { break }
            units = units &* 10 &+ Int64(digit)
            place &+= 1
        }
        guard place > first else { return nil }
        var missing = scale
        if place < count {
            missing &-= count &- place &- 1
            guard byte(text, place) == UInt8(ascii: "."), place &+ 1 < count, missing >= 0 else { return nil }
            place &+= 1
            while place < count {
                let digit = byte(text, place) &- 0x30
                if digit > 9 { return nil }
                units = units &* 10 &+ Int64(digit)
                place &+= 1
            }
        }
        while missing > 0 {
            units = units &* 10
            missing &-= 1
        }
        guard units <= Amount.limit else { return nil }
        return judged(isNegative ? -units : units, sign)
    }

    /// An amount of four to eight bytes with two decimals, as most are: all its digits in one go.
    @inline(__always)
    private static func shortAmount(_ text: UnsafeRawPointer, _ count: Int) -> Int64? {
        guard count >= 4, count <= 8 else { return nil }
        // The bytes so that the last one is the highest; the two halves overlap, and say the same where they do.
        let front = UInt64(UInt32(littleEndian: text.loadUnaligned(as: UInt32.self)))
        let end = text.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
        let back = UInt64(UInt32(littleEndian: end))
        let bytes = front &<< UInt64(truncatingIfNeeded: 8 &* (8 &- count)) | back &<< 32
        guard bytes >> 40 & 0xFF == 0x2E else { return nil }
        // The digits without the point, with zeros in front.
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let filled = bytes | (zeros & ((1 &<< UInt64(truncatingIfNeeded: 8 &* (8 &- count))) &- 1))
        var digits = (filled &<< 8 & 0xFFFF_FFFF_FF00 | filled & 0xFFFF_0000_0000_0000 | 0x30) ^ zeros
        guard (digits &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
        // Neighbours are put together: to two digits, to four, to eight.
        digits = (digits &* (1 &+ 10 << 8)) >> 8 & 0x00FF_00FF_00FF_00FF
        digits = (digits &* (1 &+ 100 << 16)) >> 16 & 0x0000_FFFF_0000_FFFF
        return Int64(truncatingIfNeeded: (digits &* (1 &+ 10000 << 32)) >> 32)
    }

    @inline(__always)
    private static func judged(_ units: Int64, _ sign: ColumnFormat.Sign) -> FlatValue? {
        switch sign {
        case .any: break
        case .nonZero: if units == 0 { return nil }
        case .nonNegative: if units < 0 { return nil }
        case .positive: if units <= 0 { return nil }
        }
        return .integer(units)
    }

    /// Whether ten bytes are `YYYY-MM-DD` and a day of the calendar.
    @inline(__always)
    private static func isDate(_ text: UnsafeRawPointer) -> Bool {
        guard byte(text, 4) == UInt8(ascii: "-"), byte(text, 7) == UInt8(ascii: "-"),
            let century = pair(text, 0), let years = pair(text, 2), let month = pair(text, 5),
            let day = pair(text, 8)
        else { return false }
        let isPlain = (19...21).contains(century) && (1...12).contains(month) && (1...28).contains(day)
        return isPlain || Day(year: century &* 100 &+ years, month: month, day: day) != nil
    }

    /// Whether ten bytes are `Thh:mm:ssZ`, and no leap second.
    @inline(__always)
    private static func isTime(_ text: UnsafeRawPointer) -> Bool {
        guard byte(text, 0) == UInt8(ascii: "T"), byte(text, 3) == UInt8(ascii: ":"),
            byte(text, 6) == UInt8(ascii: ":"), byte(text, 9) == UInt8(ascii: "Z"),
            let hour = pair(text, 1), let minute = pair(text, 4), let second = pair(text, 7)
        else { return false }
        return hour < 24 && minute < 60 && second < 60
    }

    /// Two digits as a number.
    @inline(__always)
    private static func pair(_ text: UnsafeRawPointer, _ place: Int) -> Int? {
        let (tens, ones) = (byte(text, place) &- 0x30, byte(text, place &+ 1) &- 0x30)
        return tens <= 9 && ones <= 9 ? Int(tens) &* 10 &+ Int(ones) : nil
    }

    @inline(__always)
    private static func byte(_ text: UnsafeRawPointer, _ place: Int) -> UInt8 {
        text.load(fromByteOffset: place, as: UInt8.self)
    }
}

/// A word of at most sixteen bytes, as numbers that are compared without a call.
private struct ShortWord: BitwiseCopyable, Equatable {
    private let count: Int
    // The first bytes and the last, half of them each; they overlap, but in words of equal length alike.
    private let front: UInt64
    private let back: UInt64

    /// `nil` for an empty word, and one that is longer.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        guard let start = bytes.baseAddress, count > 0, count <= 16 else { return nil }
        if count >= 8 {
            front = start.loadUnaligned(as: UInt64.self)
            back = start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            front = UInt64(start.loadUnaligned(as: UInt32.self))
            back = UInt64(start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        } else {
            front = UInt64(bytes[0]) << 8 | UInt64(bytes[count >> 1])
            back = UInt64(bytes[count &- 1])
        }
    }
}
