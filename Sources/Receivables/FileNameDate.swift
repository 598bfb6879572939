/// The date in a file's name, with the time behind it where there is one.
///
/// `YYYY-MM-DD` or `YYYYMMDD` between other characters than digits, perhaps followed by `T` or `_` and `HHMM` or
/// `HHMMSS`; years 2000 to 2099. A name with two dates has none.
package struct FileNameDate: Sendable, Hashable, Comparable {
    /// The date.
    package let day: Day
    /// The time in seconds since midnight; `nil` where none is given.
    package let secondOfDay: Int?

    /// The date of a name, or `nil` if it has none or several.
    package init?(in name: String) {
        var copy = name
        guard let date = copy.withUTF8({ Self.only(in: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = date
    }

    private init(day: Day, secondOfDay: Int?) {
        self.day = day
        self.secondOfDay = secondOfDay
    }

    /// Earlier dates first; of one date, names without a time first.
    package static func < (one: FileNameDate, other: FileNameDate) -> Bool {
        (one.day, one.secondOfDay ?? -1) < (other.day, other.secondOfDay ?? -1)
    }

    /// `2025-01-05`, or `2025-01-05T123000` where there is a time; ``init(in:)`` reads it back.
    package var text: String {
        guard let secondOfDay else { return day.description }
        let parts = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60]
        return "\(day)T" + parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
    }

    /// Whether this is certainly the earlier one: times count only where both names have one.
    package func isBefore(_ other: FileNameDate) -> Bool {
        guard day == other.day, let second = secondOfDay, let otherSecond = other.secondOfDay else {
            return day < other.day
        }
        return second < otherSecond
    }

    private static func only(in name: UnsafeRawBufferPointer) -> FileNameDate? {
        var found: FileNameDate?
        for start in name.indices where name[start].isDigit && !isDigit(name, start - 1) {
            guard let (day, end) = date(in: name, at: start) else { continue }
            if found != nil { return nil }
            found = FileNameDate(day: day, secondOfDay: time(in: name, at: end))
        }
        return found
    }

    private static func date(in name: UnsafeRawBufferPointer, at start: Int) -> (day: Day, end: Int)? {
        for (month, day, end) in [(5, 8, 10), (4, 6, 8)] where start + end <= name.count {
            if end == 10, name[start + 4] != 0x2D || name[start + 7] != 0x2D { continue }
            guard !isDigit(name, start + end),
                let year = Digits.value(name, start..<start + 4), (2000...2099).contains(year),
                let month = Digits.value(name, start + month..<start + month + 2),
                let day = Digits.value(name, start + day..<start + day + 2),
                let found = Day(year: year, month: month, day: day)
            else { continue }
            return (found, start + end)
        }
        return nil
    }

    private static func time(in name: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard start < name.count, name[start] == UInt8(ascii: "T") || name[start] == UInt8(ascii: "_") else {
            return nil
        }
        var end = start + 1
        while isDigit(name, end) { end += 1 }
        let length = end - start - 1
        guard length == 4 || length == 6,
            let hour = Digits.value(name, start + 1..<start + 3), hour < 24,
            let minute = Digits.value(name, start + 3..<start + 5), minute < 60
        else { return nil }
        if length == 4 { return hour * 3_600 + minute * 60 }
        guard let second = Digits.value(name, start + 5..<start + 7), second < 60 else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private static func isDigit(_ name: UnsafeRawBufferPointer, _ index: Int) -> Bool {
        name.indices.contains(index) && name[index].isDigit
    }
}
