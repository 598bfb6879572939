package import Ledger
package import Receivables
import Synchronization

/// The figures over the whole ledger that the page shows, worked out beside the requests and kept in memory.
///
/// They say as of when they are. Working them out reads every invoice, so it is done when rows have changed, rests
/// twenty times as long as it took, and never holds up a load: it only reads.
package final class PageFigures: Sendable {
    /// One look.
    package struct Snapshot: Sendable {
        package var asOf: Timestamp
        package var invoices: InvoiceFigures
        package var activity: ActivityFigures
    }

    /// How many days the pictures show.
    static let days = 30
    /// Figures that took longer than this rest for ``rest`` at least.
    private static let cheap = Duration.milliseconds(100)
    private static let rest = Duration.seconds(30)

    private struct State {
        var snapshot: Snapshot?
        var seq: Int64 = -1
        var due: ContinuousClock.Instant?
    }

    private let invoices: InvoiceFigureQueries
    private let activity: ActivityFigureQueries
    private let today: @Sendable () -> Day?
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// Begins without figures; ``refresh()`` works them out.
    ///
    /// `today` says which day it is in the drop's zone.
    package init(
        _ ledger: Ledger,
        now: @escaping @Sendable () -> Timestamp,
        today: @escaping @Sendable () -> Day?
    ) {
        invoices = InvoiceFigureQueries(ledger)
        activity = ActivityFigureQueries(ledger)
        self.now = now
        self.today = today
    }

    /// The figures; `nil` until they were worked out for the first time.
    package var snapshot: Snapshot? { state.withLock(\.snapshot) }

    /// Works out what has changed, unless that was done just now; blocks.
    ///
    /// Returns after how long it is to be called again at the latest. Throws `DatabaseError`.
    package func refresh() throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        let (old, seq, due) = state.withLock { ($0.snapshot, $0.seq, $0.due) }
        if let due, due > start { return start.duration(to: due) }
        let time = now()
        let news = try activity.news(after: max(0, seq))
        let day = today()
        let isStale = old == nil || news.hasRows || old?.invoices.today != day?.description
        guard isStale || news.last != seq else { return Self.longest }
        var figures = old?.invoices ?? InvoiceFigures(today: "")
        if isStale, let day { figures = try invoices.figures(today: day) }
        let lately = try activity.figures(days: Self.days, now: time)
        let cost = start.duration(to: clock.now)
        let rest = cost > Self.cheap ? max(Self.rest, cost * 20) : .seconds(1)
        state.withLock { state in
            state.snapshot = Snapshot(asOf: time, invoices: figures, activity: lately)
            state.seq = news.last
            state.due = clock.now + rest
        }
        return rest
    }

    /// The day may change.
    private static var longest: Duration { .seconds(300) }
}
