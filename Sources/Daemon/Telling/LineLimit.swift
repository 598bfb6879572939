import Synchronization

/// Keeps one kind of line from flooding the log: after so many in a while the rest are only counted.
package final class LineLimit: Sendable {
    private struct Window {
        var began: ContinuousClock.Instant
        var lines = 0
    }

    /// What to do with a line.
    package enum Verdict: Sendable, Equatable {
        /// Tell it, and before it how many of its kind were left out.
        case tell(leftOut: Int)
        case leaveOut
    }

    private let limit: Int
    private let period: Duration
    private let windows = Mutex<[String: Window]>([:])

    /// `limit` lines of one kind are told in each period.
    package init(_ limit: Int = 200, every period: Duration = .seconds(10)) {
        self.limit = limit
        self.period = period
    }

    /// Judges the next line of a kind; kinds are few and constant.
    package func judge(_ kind: String, at now: ContinuousClock.Instant = .now) -> Verdict {
        windows.withLock { windows in
            var window = windows[kind] ?? Window(began: now)
            var leftOut = 0
            if window.began + period <= now {
                leftOut = max(0, window.lines - limit)
                window = Window(began: now)
            }
            window.lines += 1
            windows[kind] = window
            return window.lines > limit ? .leaveOut : .tell(leftOut: leftOut)
        }
    }
}
