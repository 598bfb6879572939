import Yams

/// When a file of one type is expected: an entry of the section `expect`.
package struct Expectation: Sendable, Equatable {
    package enum Weekday: String, Sendable, CaseIterable {
        case monday = "mon"
        case tuesday = "tue"
        case wednesday = "wed"
        case thursday = "thu"
        case friday = "fri"
        case saturday = "sat"
        case sunday = "sun"
    }

    package enum Rhythm: Sendable, Equatable {
        /// - `by` (time of day, quoted): minutes after midnight in `zone`.
        case by(minute: Int)
        /// - `every` (duration): at most this long after the one before.
        case every(Duration)
    }

    package var rhythm = Rhythm.every(.seconds(26 * 3600))
    /// - `zone` (IANA name, default: the drop's zone).
    package var zone: String?
    /// - `days` (`mon-fri` or a list of `mon` … `sun`, default: every day).
    package var days = Set(Weekday.allCases)
    /// - `grace` (duration, default: 0s): from late to missing.
    package var grace = Duration.zero
    /// - `holidays` (list of days, optional): nothing is expected then.
    package var holidays: [String] = []

    /// Every 26 hours.
    init() {}

    init(_ section: inout StrictMapping) {
        let before = section.problems.count
        let by = section.value("by", expected: "a quoted time such as \"06:30\"", read: minuteOfDay)
        let isPeriodic = section.keysLeft.contains("every")
        let every = section.duration(
            "every",
            in: .seconds(3600) ... .seconds(366 * 86400),
            default: .seconds(86400)
        )
        if by != nil, isPeriodic {
            section.refuse("every", at: nil, "stands beside by; expected one of both")
        }
        section.require("by", by != nil || isPeriodic, unlessRefusedSince: before)
        rhythm = by.map { .by(minute: $0) } ?? .every(every)
        zone = section.zone("zone")
        days = section.days() ?? days
        grace = section.duration("grace", in: .zero ... .seconds(7 * 86400), default: .zero)
        holidays = section.list("holidays") { section, node in
            section.value(of: node, "holidays", expected: "a day such as 2026-12-25", read: civilDay)
        }
    }
}

/// Reads `HH:MM` as minutes after midnight.
private func minuteOfDay(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [2, 2], let hour = Int(parts[0]), let minute = Int(parts[1]),
        (0...23).contains(hour), (0...59).contains(minute)
    else { return nil }
    return hour * 60 + minute
}

extension StrictMapping {
    fileprivate mutating func days() -> Set<Expectation.Weekday>? {
        guard let node = take("days") else { return nil }
        let expected = "days such as mon-fri, or a list of mon, tue, wed, thu, fri, sat, sun"
        guard let list = node.sequence else {
            return value(of: node, "days", expected: expected, read: weekdays)
        }
        return Set(
            list.compactMap {
                value(of: $0, "days", expected: expected) { Expectation.Weekday(rawValue: $0) }
            }
        )
    }
}

/// Reads `mon`, `mon-fri` or, over the weekend, `sat-mon`.
private func weekdays(_ text: String) -> Set<Expectation.Weekday>? {
    let all = Expectation.Weekday.allCases
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
        all.firstIndex { [name = String($0)] in $0.rawValue == name }
    }
    guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil else {
        return nil
    }
    let count = (last - first + all.count) % all.count
    return Set((0...count).map { all[(first + $0) % all.count] })
}
