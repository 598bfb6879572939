/// A civil date of the years 1900 to 2199, without time and zone.
package struct Day: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The years in which business happens; others are mistakes.
    package static let years = 1900...2199

    /// Days since 1970-01-01.
    package let number: Int32

    /// The day of a number, or `nil` outside ``years``.
    ///
    /// - Parameter number: Days since 1970-01-01.
    package init?(number: Int) {
        // 1900-01-01 and 2199-12-31.
        guard (-25_567...84_005).contains(number) else { return nil }
        self.number = Int32(number)
    }

    /// A real day of the calendar, or `nil`.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.years.contains(year), (1...12).contains(month),
            (1...Self.length(ofMonth: month, in: year)).contains(day)
        else { return nil }
        // Years counted from March, so that the leap day is the last of a year.
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = Int32(era * 146_097 + dayOfEra - 719_468)
    }

    /// Reads exactly `YYYY-MM-DD`, or `nil` for anything else.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = Digits.value(text, 0..<4), let month = Digits.value(text, 5..<7),
            let day = Digits.value(text, 8..<10)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Reads exactly `YYYY-MM-DD`, or `nil` for anything else.
    package init?(_ text: String) {
        var copy = text
        guard let day = copy.withUTF8({ Day(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = day
    }

    /// Year, month and day of the month.
    package var parts: (year: Int, month: Int, day: Int) {
        let shifted = Int(number) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        return (year, month >= 10 ? month - 9 : month + 3, dayOfYear - (153 * month + 2) / 5 + 1)
    }

    /// The day of the week by ISO 8601: 1 for Monday to 7 for Sunday.
    package var weekday: Int { (Int(number) + 3 + 7 * 10_000) % 7 + 1 }

    /// The day so many days later, or earlier for a negative number; `nil` outside ``years``.
    package func adding(days: Int) -> Day? {
        let (sum, overflow) = Int(number).addingReportingOverflow(days)
        return overflow ? nil : Day(number: sum)
    }

    /// The number of days from another day to this one; negative if this one is earlier.
    package func days(since other: Day) -> Int { Int(number) - Int(other.number) }

    /// The stored form, `YYYY-MM-DD`, as bytes.
    package var bytes: [UInt8] {
        let (year, month, day) = parts
        var bytes: [UInt8] = []
        bytes.reserveCapacity(10)
        Digits.append(year, width: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Digits.append(month, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Digits.append(day, width: 2, to: &bytes)
        return bytes
    }

    /// The stored form, `YYYY-MM-DD`.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    package static func < (one: Day, other: Day) -> Bool { one.number < other.number }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
