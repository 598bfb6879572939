import Foundation
package import Ledger
package import Receivables

/// A time zone's civil days and times of day, as moments.
package struct CivilZone: Sendable {
    private static let day: Int64 = 86_400
    private let zone: TimeZone

    /// `nil` for a name that this machine does not know.
    package init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    /// The date of a moment; `nil` outside of ``Day/years``.
    package func day(at moment: Timestamp) -> Day? {
        let local = moment.seconds + offset(at: moment.seconds)
        return Day(number: Int(local >= 0 ? local / Self.day : (local - Self.day + 1) / Self.day))
    }

    /// The moment at which clocks show a time of day.
    ///
    /// A time that summer time skips is the next valid one; of a time that comes twice it is the first.
    ///
    /// - Parameters:
    ///   - minute: Minutes after midnight.
    ///   - day: The date on the clocks.
    package func moment(_ minute: Int, of day: Day) -> Timestamp {
        let local = Int64(day.number) * Self.day + Int64(minute) * 60
        let (before, after) = (offset(at: local - Self.day), offset(at: local + Self.day))
        let candidates = [local - before, local - after].filter { $0 + offset(at: $0) == local }
        if let first = candidates.min() { return Timestamp(milliseconds: first * 1000) }
        // Clocks jump over it: the moment they do, where one offset gives way to the next.
        var low = local - max(before, after)
        var high = local - min(before, after)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return Timestamp(milliseconds: high * 1000)
    }

    /// Seconds east of Greenwich.
    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }
}
