import Foundation

/// The moment of an hour, in UTC, at which a run is due.
///
/// It is the hour's top, or the drop's own minute in each hour. Slots are counted from 1970, so that no time zone and
/// no summer time can move, repeat or lose one.
package struct Slot: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let second: Int64

    package init(second: Int64) {
        self.second = second
    }

    package static func < (one: Slot, other: Slot) -> Bool {
        one.second < other.second
    }

    /// `2026-11-21T10:00:00Z`.
    package var description: String {
        Date(timeIntervalSince1970: TimeInterval(second)).formatted(.iso8601)
    }
}
