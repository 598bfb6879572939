import Foundation
import Ledger
import Receivables
import Testing

@testable import Daemon

/// When files are due: civil times, weekends, holidays and summer time.
struct ArrivalRuleTests {
    private func rule(_ expectation: String, type: String = "payment_receipts") throws -> ArrivalRule {
        let yaml = """
            name: acme
            state_directory: /var/lib/ledgerdrop/acme
            inbox: { url: "file:///srv/drop" }
            expect: { \(type): \(expectation) }
            """
        let configuration = try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
        return try #require(ArrivalRule.all(of: configuration)[type])
    }

    private func time(_ text: String) -> Timestamp { ToldDrop.time(text) }

    @Test(arguments: [
        // Winter, summer; before and after the time of day.
        ("2026-01-15T05:00:00Z", "2026-01-15T05:30:00Z"), ("2026-01-15T05:30:00Z", "2026-01-16T05:30:00Z"),
        ("2026-07-15T04:00:00Z", "2026-07-15T04:30:00Z"),
        // From Friday to Monday, over the night in which summer time begins.
        ("2026-03-27T12:00:00Z", "2026-03-30T04:30:00Z"),
        // Christmas is a holiday.
        ("2026-12-24T12:00:00Z", "2026-12-28T05:30:00Z"),
    ])
    func `a time of day is due on the days named, in its zone`(after: String, due: String) throws {
        let rule = try rule(
            "{ by: \"06:30\", zone: Europe/Berlin, days: mon-fri, holidays: [ 2026-12-25 ] }"
        )
        #expect(rule.deadline(after: time(after)) == time(due))
        let before = try #require(rule.deadline(atOrBefore: time(after)))
        #expect(before <= time(after))
        #expect(rule.deadline(after: before) == time(due))
    }

    @Test(arguments: [
        // 02:30 is skipped on this day: the next valid minute is 03:00 summer time.
        ("02:30", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        // 02:30 comes twice on this day: the first is in summer time.
        ("02:30", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ("02:30", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z"),
        ("01:30", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z"),
        // A jump of half an hour.
        ("02:15", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"),
        // A jump at midnight.
        ("00:00", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z"),
    ])
    func `a deadline in an hour that is skipped or comes twice`(
        by: String,
        zone: String,
        after: String,
        due: String
    ) throws {
        let rule = try rule("{ by: \"\(by)\", zone: \(zone) }")
        #expect(rule.deadline(after: time(after)) == time(due))
    }

    @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
    func `over two years deadlines rise, fall on days that count and leave no such day out`(zone: String)
        throws
    {
        let rule = try rule("{ by: \"02:30\", zone: \(zone), days: mon-fri, holidays: [ 2026-01-01 ] }")
        let civil = try #require(CivilZone(zone))
        var moment = time("2025-12-01T00:00:00Z")
        var days: [Day] = []
        while moment < time("2027-12-01T00:00:00Z") {
            let next = try #require(rule.deadline(after: moment))
            #expect(next > moment)
            days.append(try #require(civil.day(at: next)))
            #expect(rule.deadline(atOrBefore: next) == next)
            #expect(rule.deadline(atOrBefore: next.adding(seconds: -1)).map { $0 < next } == true)
            moment = next
        }
        let first = try #require(days.first)
        let last = try #require(days.last)
        let holiday = try #require(Day("2026-01-01"))
        let wanted = (0...last.days(since: first)).compactMap { first.adding(days: $0) }
            .filter { $0.weekday <= 5 && $0 != holiday }
        #expect(days == wanted)
    }

    @Test(arguments: [
        // 26 hours of weekdays alone.
        ("2026-11-17T10:00:00Z", "2026-11-18T12:00:00Z"), ("2026-11-20T10:00:00Z", "2026-11-23T12:00:00Z"),
        ("2026-11-21T10:00:00Z", "2026-11-24T02:00:00Z"),
    ])
    func `a period counts on the days named`(from: String, end: String) throws {
        let rule = try rule("{ every: 26h, days: mon-fri }")
        #expect(rule.endOfPeriod(from: time(from)) == time(end))
    }

    @Test func `a day of 23 hours is one of 23 hours`() throws {
        let rule = try rule("{ every: 24h, zone: Europe/Berlin, days: sun-mon }")
        // Sunday, 29 March 2026, begins at 23:00Z and lasts 23 hours.
        #expect(rule.endOfPeriod(from: time("2026-03-28T12:00:00Z")) == time("2026-03-29T23:00:00Z"))
    }

    @Test func `only snapshots are expected without a word, and not before the first file`() throws {
        let yaml = """
            name: acme
            state_directory: /var/lib/ledgerdrop/acme
            inbox: { url: "file:///srv/drop" }
            loading: { mode: { open_invoices: delta } }
            """
        let configuration = try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
        let rules = ArrivalRule.all(of: configuration)
        #expect(rules.keys.sorted() == ["customers_with_open_balances"])
        #expect(rules["customers_with_open_balances"]?.words == "every 26 h, mon-fri")
        #expect(rules["customers_with_open_balances"]?.needsFirstFile == true)
    }
}
