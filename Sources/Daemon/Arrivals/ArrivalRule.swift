package import Ledger
import Receivables

/// When files of one type are due: an expectation made fit to be asked; pure.
package struct ArrivalRule: Sendable {
    /// The days on which a type is expected that nobody has said anything about.
    private static let workdays: Set<Expectation.Weekday> = [
        .monday, .tuesday, .wednesday, .thursday, .friday,
    ]
    /// How far deadlines are looked for, in days: no rule is silent for longer.
    private static let horizon = 800

    private let expectation: Expectation
    private let zoneName: String
    private let zone: CivilZone
    private let holidays: Set<Day>
    /// Whether it begins to count with the first file ever loaded only.
    package let needsFirstFile: Bool

    /// The rules of a configuration, by type: those that it names, and those that hold without being named.
    package static func all(of configuration: Configuration) -> [String: ArrivalRule] {
        var rules: [String: ArrivalRule] = [:]
        for (type, expectation) in configuration.expect {
            rules[type] = ArrivalRule(expectation, dropZone: configuration.zone)
        }
        var silent = Expectation()
        silent.days = workdays
        for type in ["customers_with_open_balances", "open_invoices"]
        where rules[type] == nil && configuration.loading.modes[type] != .delta {
            rules[type] = ArrivalRule(silent, dropZone: configuration.zone, needsFirstFile: true)
        }
        return rules
    }

    /// `nil` for a zone that this machine does not know.
    package init?(_ expectation: Expectation, dropZone: String, needsFirstFile: Bool = false) {
        zoneName = expectation.zone ?? dropZone
        guard let zone = CivilZone(zoneName) else { return nil }
        self.zone = zone
        self.expectation = expectation
        self.needsFirstFile = needsFirstFile
        holidays = Set(expectation.holidays.compactMap { Day($0) })
    }

    /// How long after a deadline nothing is told.
    package var grace: Int64 { expectation.grace.components.seconds }

    /// The expectation for people: `by 06:30 Europe/Berlin, mon-fri`, `every 26 h`.
    package var words: String {
        var words: String
        switch expectation.rhythm {
        case .by(let minute):
            let clock = [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            words = "by \(clock.joined(separator: ":")) \(zoneName)"
        case .every(let period):
            words = "every \(Shown.duration(milliseconds: period.components.seconds * 1000))"
        }
        let days = Expectation.Weekday.allCases.filter(expectation.days.contains)
        switch days.count {
        case 7: break
        case 5 where expectation.days == Self.workdays: words += ", mon-fri"
        default: words += ", " + days.map(\.rawValue).joined(separator: " ")
        }
        return words
    }

    /// The first deadline after a moment, for what is due by a time of day; `nil` for none.
    package func deadline(after moment: Timestamp) -> Timestamp? {
        guard case .by(let minute) = expectation.rhythm, let start = zone.day(at: moment) else { return nil }
        for step in -1...Self.horizon {
            guard let day = start.adding(days: step), counts(day) else { continue }
            let deadline = zone.moment(minute, of: day)
            if deadline > moment { return deadline }
        }
        return nil
    }

    /// The last deadline at or before a moment, for what is due by a time of day; `nil` for none.
    package func deadline(atOrBefore moment: Timestamp) -> Timestamp? {
        guard case .by(let minute) = expectation.rhythm, let start = zone.day(at: moment) else { return nil }
        for step in -1...Self.horizon {
            guard let day = start.adding(days: -step), counts(day) else { continue }
            let deadline = zone.moment(minute, of: day)
            if deadline <= moment { return deadline }
        }
        return nil
    }

    /// When the time since a moment, counted on the expected days alone, exceeds the period; `nil` for never.
    package func endOfPeriod(from moment: Timestamp) -> Timestamp? {
        guard case .every(let period) = expectation.rhythm, var day = zone.day(at: moment) else { return nil }
        var left = period.components.seconds * 1000
        var time = moment
        for _ in 0...(Self.horizon * 7) {
            guard let next = day.adding(days: 1) else { return nil }
            let end = zone.moment(0, of: next)
            if counts(day) {
                let length = max(0, end.milliseconds - time.milliseconds)
                if left <= length { return Timestamp(milliseconds: time.milliseconds + left) }
                left -= length
            }
            (day, time) = (next, max(time, end))
        }
        return nil
    }

    /// Whether it is due by a time of day, rather than after a period.
    package var isByTimeOfDay: Bool { if case .by = expectation.rhythm { true } else { false } }

    private func counts(_ day: Day) -> Bool {
        expectation.days.contains(Expectation.Weekday.allCases[day.weekday - 1]) && !holidays.contains(day)
    }
}
