/// Which slots there are, and which of them still want a run; pure.
package struct Schedule: Sendable, Hashable {
    /// Seconds between two slots.
    static let step: Int64 = 3600

    /// The minute of each hour, 0 to 59.
    package let minute: Int
    /// Whether the newest missed slot is made up for.
    package let catchesUp: Bool

    package init(minute: Int, catchesUp: Bool) {
        self.minute = minute
        self.catchesUp = catchesUp
    }

    /// Slots that were not served, from the first to the last of them.
    package struct Skip: Sendable, Hashable {
        package let from: Slot
        package let to: Slot
        package let count: Int

        package init(from: Slot, to: Slot, count: Int) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    /// What a look at the clock asks for.
    package struct Due: Sendable, Hashable {
        /// The slot to serve now; `nil`: nothing is due.
        package let slot: Slot?
        /// The slots before it that nobody serves any more.
        package let skipped: Skip?

        package init(slot: Slot?, skipped: Skip?) {
            self.slot = slot
            self.skipped = skipped
        }
    }

    /// The newest slot at or before `now`.
    ///
    /// - Parameter now: Seconds since 1970, also negative.
    package func slot(atOrBefore now: Int64) -> Slot {
        let offset = Int64(minute) * 60
        let (since, remainder) = (now - offset).quotientAndRemainder(dividingBy: Self.step)
        return Slot(second: (remainder < 0 ? since - 1 : since) * Self.step + offset)
    }

    /// The first slot after `now`.
    package func slot(after now: Int64) -> Slot {
        Slot(second: slot(atOrBefore: now).second + Self.step)
    }

    /// What is due while the daemon is up.
    ///
    /// A run that took longer than an hour is followed by one run, for the newest slot, not by one for each.
    ///
    /// - Parameters:
    ///   - now: Seconds since 1970.
    ///   - last: The newest slot at or before `now` that was served or skipped. After the clock was set back that is an
    ///     older one than the last in time, so that nothing waits for a future that is not coming.
    package func due(at now: Int64, after last: Slot) -> Due {
        let newest = slot(atOrBefore: now)
        guard newest > last else { return Due(slot: nil, skipped: nil) }
        return Due(
            slot: newest,
            skipped: slots(after: last, through: Slot(second: newest.second - Self.step))
        )
    }

    /// What is due when the daemon comes up.
    ///
    /// - Parameters:
    ///   - now: Seconds since 1970.
    ///   - last: As in ``due(at:after:)``; `nil` at the very first start, which catches up with nothing.
    package func dueAtStart(at now: Int64, after last: Slot?) -> Due {
        guard let last else { return Due(slot: nil, skipped: nil) }
        guard catchesUp else {
            return Due(slot: nil, skipped: slots(after: last, through: slot(atOrBefore: now)))
        }
        return due(at: now, after: last)
    }

    private func slots(after last: Slot, through newest: Slot) -> Skip? {
        // The last slot may stem from another minute; the first of ours after it counts.
        let first = slot(after: last.second)
        guard first <= newest else { return nil }
        return Skip(from: first, to: newest, count: Int((newest.second - first.second) / Self.step) + 1)
    }
}
