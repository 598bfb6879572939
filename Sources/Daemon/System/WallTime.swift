import Foundation
package import Ledger

/// The time of day, which people and other clocks may set at any moment.
package protocol WallTime: Sendable {
    var now: Timestamp { get }

    /// Waits until about the time given.
    ///
    /// MAY return earlier, so that a clock that was set meanwhile is noticed: look at ``now`` again. MUST throw
    /// `CancellationError` at once when it is cancelled.
    func nap(until time: Timestamp) async throws
}

/// The clock of this host.
package struct HostTime: WallTime {
    /// No nap is longer, in milliseconds.
    private static let longestNap: Int64 = 10_000

    package init() {}

    package var now: Timestamp {
        Timestamp(milliseconds: Int64((Date.now.timeIntervalSince1970 * 1000).rounded(.down)))
    }

    package func nap(until time: Timestamp) async throws {
        let (left, isBeyondTime) = time.milliseconds.subtractingReportingOverflow(now.milliseconds)
        let nap = isBeyondTime || left > Self.longestNap ? Self.longestNap : left < 0 ? 0 : left
        try await Task.sleep(for: .milliseconds(nap), clock: .continuous)
    }
}
