import Testing

@testable import Receivables

struct DayTests {
    @Test(arguments: ["1900-01-01", "2199-12-31", "2024-02-29", "2000-02-29", "2026-04-30", "1970-01-01"])
    func `a real day is kept as it is written`(text: String) throws {
        #expect(reading(text, as: .date) == "text \(text)")
        #expect(try #require(Day(text)).description == text)
    }

    @Test(arguments: [
        "2025-02-29", "2100-02-29", "2025-02-30", "2025-13-01", "2025-00-10", "2025-04-31", "2025-01-00",
        "0000-00-00",
        "1899-12-31", "2200-01-01", "99999-01-01", "31/02/2026", "02/03/04", "2026-4-1", "45678",
        "2026-04-01T00:00:00",
        "2026/04/01", "20260401", "2026-04-0x", "-026-04-01", "２０２６-01-01",
    ])
    func `anything else is no date`(text: String) {
        #expect(reading(text, as: .date) == "bad_date")
    }

    @Test func `every day of the range comes back from its number`() throws {
        let first = try #require(Day("1900-01-01"))
        let last = try #require(Day("2199-12-31"))
        #expect(Day(number: Int(first.number) - 1) == nil)
        #expect(Day(number: Int(last.number) + 1) == nil)
        #expect(Day("1970-01-01")?.number == 0)
        var wrong = 0
        for number in Int(first.number)...Int(last.number) {
            guard let day = Day(number: number), Day(day.description) == day else {
                wrong += 1
                continue
            }
        }
        #expect(wrong == 0)
    }

    @Test func `days are counted across leap days and centuries`() throws {
        let day = try #require(Day("2024-02-28"))
        #expect(day.adding(days: 2)?.description == "2024-03-01")
        #expect(day.adding(days: -59)?.description == "2023-12-31")
        #expect(day.adding(days: .max) == nil)
        #expect(try #require(Day("2100-03-01")).days(since: #require(Day("2100-02-28"))) == 1)
        #expect(day < (try #require(Day("2024-02-29"))))
    }

    @Test(arguments: [
        ("1970-01-01", 4), ("1900-01-01", 1), ("2025-01-05", 7), ("2199-12-31", 2), ("1969-12-28", 7),
    ])
    func `a day knows its weekday`(text: String, weekday: Int) throws {
        #expect(try #require(Day(text)).weekday == weekday)
    }

    @Test func `the day depends on the zone`() {
        // 2025-01-05 23:30 UTC.
        let moment = 1_736_119_800
        #expect(Day(at: moment, in: "UTC")?.description == "2025-01-05")
        #expect(Day(at: moment, in: "Europe/Berlin")?.description == "2025-01-06")
        #expect(Day(at: moment, in: "America/New_York")?.description == "2025-01-05")
        #expect(Day(at: -1, in: "UTC")?.description == "1969-12-31")
        // Summer time counts: 22:30 UTC in July.
        #expect(Day(at: 1_751_409_000, in: "Europe/Berlin")?.description == "2025-07-02")
        #expect(Day(at: moment, in: "Europe/Nowhere") == nil)
        #expect(Day(at: .max, in: "UTC") == nil)
    }

    @Test(arguments: [
        ("dd/MM/yyyy", "31/01/2026", "2026-01-31"), ("d.M.yyyy", "1.4.2026", "2026-04-01"),
        ("d.M.yyyy", "01.04.2026", "2026-04-01"), ("MM/dd/yyyy", "02/03/2026", "2026-02-03"),
        ("yyyyMMdd", "20260401", "2026-04-01"), ("yyyy.MM.dd", "2026.04.01", "2026-04-01"),
    ])
    func `a declared form is read`(pattern: String, text: String, day: String) throws {
        let format = try #require(DateFormat(pattern))
        #expect(reading(text, as: .date, with: FieldReading(dateFormats: [format])) == "rewritten \(day)")
    }

    @Test(arguments: [
        ("dd/MM/yyyy", "31/02/2026"), ("dd/MM/yyyy", "1/02/2026"), ("d/M/yyyy", "001/2/2026"),
        ("dd/MM/yyyy", "01/02/26"), ("dd/MM/yyyy", "01/02/20266"), ("dd/MM/yyyy", "2026-02-01"),
        ("d.M.yyyy", "..2026"), ("yyyyMMdd", "2026041"),
    ])
    func `a text in another form than the declared one is no date`(pattern: String, text: String) throws {
        let format = try #require(DateFormat(pattern))
        #expect(reading(text, as: .date, with: FieldReading(dateFormats: [format])) == "bad_date")
    }

    @Test func `a text that two declared forms read differently is no date`() throws {
        let formats = ["dd/MM/yyyy", "MM/dd/yyyy", "yyyy-MM-dd"].compactMap(DateFormat.init)
        let reader = FieldReading(dateFormats: formats)
        #expect(reading("02/03/2026", as: .date, with: reader) == "bad_date")
        #expect(reading("03/03/2026", as: .date, with: reader) == "rewritten 2026-03-03")
        #expect(reading("31/03/2026", as: .date, with: reader) == "rewritten 2026-03-31")
        #expect(reading("2026-03-31", as: .date, with: reader) == "text 2026-03-31")
        #expect(
            complaint("02/03/2026", as: .date, with: reader)
                == "\"02/03/2026\" is not a date; expected one reading, not 2026-03-02 and 2026-02-03."
        )
        #expect(
            complaint("x", as: .date, with: reader)
                == "\"x\" is not a date; expected dd/MM/yyyy or MM/dd/yyyy or yyyy-MM-dd."
        )
    }

    @Test(arguments: [
        "", "yyyy", "yyyy-MM", "yy-MM-dd", "yyyy-MM-dd-dd", "yyyyMd", "yyyydMM", "dd-MMM-yyyy",
        "yyyy-MM-dd HH",
        "yyyy-mm-dd", "MM-MM-yyyy",
    ])
    func `a pattern that does not describe one date is refused`(pattern: String) {
        #expect(DateFormat(pattern) == nil)
    }

    @Test func `the standard form is itself a pattern`() {
        #expect(DateFormat("yyyy-MM-dd") == .iso)
    }
}
