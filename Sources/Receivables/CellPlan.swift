import Glibc

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
    private let words: UnsafeMutablePointer<[UInt8]>
    private let wordCount: Int
    private let formats: [ColumnFormat]
    private let reading: FieldReading

    /// - Parameters:
    ///   - columns: The native columns of the type.
    ///   - present: The places of those that the file has, in ascending order.
    package init(_ columns: [Column], present: [Int], reading: FieldReading) {
        self.reading = reading
        formats = present.map { columns[$0].format }
        count = present.count
        var all: [[UInt8]] = []
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
                step.words.count = words.bytes.count
                all += words.bytes
            case .decimal, .bool, .country, .language, .timeZone, .email, .url, .list:
                step.kind = .other
            }
            return step
        }
        steps = .allocate(capacity: max(1, list.count))
        steps.initialize(from: list, count: list.count)
        words = .allocate(capacity: max(1, all.count))
        words.initialize(from: all, count: all.count)
        wordCount = all.count
    }

    deinit {
        steps.deallocate()
        words.deinitialize(count: wordCount)
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
            for word in step.pointee.words.first..<step.pointee.words.first + step.pointee.words.count
            where words[word].count == count && memcmp(words[word], start, count) == 0 {
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
        if isNegative { units = -units }
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
