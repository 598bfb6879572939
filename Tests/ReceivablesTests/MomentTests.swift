import Testing

@testable import Receivables

struct MomentTests {
    @Test(arguments: [
        ("2025-01-05T12:00:00Z", "text 2025-01-05T12:00:00Z"),
        ("2025-01-05t12:00:00z", "rewritten 2025-01-05T12:00:00Z"),
        ("2025-01-05 12:00:00+00:00", "rewritten 2025-01-05T12:00:00Z"),
        ("2025-01-05T00:30:00+02:00", "rewritten 2025-01-04T22:30:00Z"),
        ("2024-12-31T22:00:00-05:30", "rewritten 2025-01-01T03:30:00Z"),
        ("2025-01-05T12:00:00.250Z", "rewritten 2025-01-05T12:00:00.25Z"),
        ("2025-01-05T12:00:00.25Z", "text 2025-01-05T12:00:00.25Z"),
        ("2025-01-05T12:00:00.000Z", "rewritten 2025-01-05T12:00:00Z"),
        ("2025-01-05T12:00:00.5+01:00", "rewritten 2025-01-05T11:00:00.5Z"),
        ("2016-12-31T23:59:60Z", "rewritten 2017-01-01T00:00:00Z"),
        ("2025-01-05T23:59:59-23:59", "rewritten 2025-01-06T23:58:59Z"),
    ])
    func `a moment with an offset is kept in UTC`(text: String, outcome: String) {
        #expect(reading(text, as: .timestamp) == outcome)
    }

    @Test(arguments: [
        "2025-01-05", "2025-01-05T12:00:00", "2025-01-05T12:00Z", "2025-01-05T24:00:00Z",
        "2025-01-05T12:60:00Z",
        "2025-01-05T12:00:61Z", "2025-02-30T12:00:00Z", "2025-01-05T12:00:00+0200", "2025-01-05T12:00:00.Z",
        "2025-01-05T12:00:00+24:00", "2025-01-05T12:00:00ZZ", "2025-01-05X12:00:00Z",
        "1900-01-01T00:00:00+01:00",
        "2025-01-05T12:00:00+02:0", "1736078400", "2025-01-05T1a:00:00Z",
    ])
    func `anything else is no timestamp`(text: String) {
        #expect(reading(text, as: .timestamp) == "bad_timestamp")
    }

    @Test(arguments: [
        ("2025-01-05T12:00:00Z", "2025-01-05T12:00:01Z"), ("2025-01-05T12:00:00Z", "2025-01-05T12:00:00.5Z"),
        ("2025-01-05T12:00:00.25Z", "2025-01-05T12:00:00.3Z"),
        ("2025-01-05T12:00:00.3Z", "2025-01-05T12:00:01Z"),
    ])
    func `stored timestamps are told apart to the fraction`(earlier: String, later: String) {
        withBytes(Array(earlier.utf8)) { one in
            withBytes(Array(later.utf8)) { other in
                #expect(Moment.isBefore(one, other))
                #expect(!Moment.isBefore(other, one))
                #expect(!Moment.isBefore(one, one))
            }
        }
    }
}
