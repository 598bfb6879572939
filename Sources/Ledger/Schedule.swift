/// Which slots there are, and which of them still want a run; pure.
///
/// A slot is the same minute of every hour, UTC, counted from 1970, so that no time zone and no summer time can move,
/// repeat or lose one.
package struct Schedule: Sendable, Hashable {
    /// Milliseconds between two slots.
    package static let period: Int64 = 3_600_000

    /// The minute of each hour, 0 to 59.
    package let minute: Int

    package init(minute: Int) {
        self.minute = minute
    }

    /// Slots that nobody serves, from the first to the last of them.
    package struct Skip: Sendable, Hashable {
        package let from: Timestamp
        package let to: Timestamp
        package let count: Int64

        package init(from: Timestamp, to: Timestamp, count: Int64) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    /// What a look at the clock asks for.
    package struct Due: Sendable, Hashable {
        /// The slot to serve now; `nil`: nothing is due.
        package let slot: Timestamp?
        /// The slots that nobody serves any more.
        package let skipped: Skip?

        package init(slot: Timestamp?, skipped: Skip?) {
            self.slot = slot
            self.skipped = skipped
        }
    }

    /// The newest slot at or before a time.
    package func slot(atOrBefore now: Timestamp) -> Timestamp {
        let offset = Int64(minute) * 60_000
        let (whole, rest) = (now.milliseconds - offset).quotientAndRemainder(dividingBy: Self.period)
        return Timestamp(milliseconds: (rest < 0 ? whole - 1 : whole) * Self.period + offset)
    }

    /// The first slot after a time.
    package func slot(after now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: slot(atOrBefore: now).milliseconds + Self.period)
    }

    /// What is due now.
    ///
    /// Of several slots that have passed only the newest is served: a run of two and a half hours is followed by one run,
    /// not by three. `last` is the newest slot at or before `now` that is closed, served or told as skipped. After the
    /// clock was set back that is an older one than the last in the ledger, so that nothing waits for a future that is
    /// not coming. Without `servingNewest` everything that has passed is skipped.
    package func due(at now: Timestamp, after last: Timestamp, servingNewest: Bool = true) -> Due {
        let newest = slot(atOrBefore: now)
        guard newest > last else { return Due(slot: nil, skipped: nil) }
        guard servingNewest else { return Due(slot: nil, skipped: skip(after: last, through: newest)) }
        let before = Timestamp(milliseconds: newest.milliseconds - Self.period)
        return Due(slot: newest, skipped: skip(after: last, through: before))
    }

    private func skip(after last: Timestamp, through newest: Timestamp) -> Skip? {
        // The last slot may stem from another minute; the first of ours after it counts.
        let first = slot(after: last)
        guard first <= newest else { return nil }
        let count = (newest.milliseconds - first.milliseconds) / Self.period + 1
        return Skip(from: first, to: newest, count: count)
    }
}
