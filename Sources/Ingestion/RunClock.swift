import Glibc
package import Ledger
import Threads

/// What a run needs to know about time: the hour of the day, and how long things take.
package struct RunClock: Sendable {
    /// The time of day, which may be set at any moment.
    package var now: @Sendable () -> Timestamp
    /// A time that only goes forward.
    package var uptime: @Sendable () -> Duration
    /// Waits; throws `CancellationError` at once when it is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }

    /// The clock of this host.
    package static let host = RunClock(
        now: {
            let time = read(CLOCK_REALTIME)
            return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        },
        uptime: {
            let time = read(CLOCK_BOOTTIME)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        sleep: { try await Task.pause(for: $0) }
    )

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
