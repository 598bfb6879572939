import Foundation

/// The time of day, which people and other clocks may set at any moment.
package protocol WallTime: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    var milliseconds: Int64 { get }

    /// Waits until the clock shows the slot or later.
    ///
    /// MUST notice a clock that is set while it waits. MUST throw `CancellationError` when it is cancelled, at once.
    func sleep(until slot: Slot) async throws
}

extension WallTime {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    package var second: Int64 {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return rest < 0 ? seconds - 1 : seconds
    }
}

/// The clock of this host.
package struct HostTime: WallTime {
    /// No nap is longer, so that a clock that was set is noticed soon.
    private static let longestNap: Int64 = 10_000

    package init() {}

    package var milliseconds: Int64 {
        Int64((Date.now.timeIntervalSince1970 * 1000).rounded(.down))
    }

    package func sleep(until slot: Slot) async throws {
        while true {
            let (due, isBeyondTime) = slot.second.multipliedReportingOverflow(by: 1000)
            let left = isBeyondTime ? Int64.max : due - milliseconds
            guard left > 0 else { return }
            try await Task.sleep(for: .milliseconds(min(left, Self.longestNap)), clock: .continuous)
        }
    }
}
