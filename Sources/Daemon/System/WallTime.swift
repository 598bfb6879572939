import CLinux
// A dispatch source may be used from any thread; the library has not said so to the compiler yet.
@preconcurrency import Dispatch
import Foundation
package import Ledger
import Threads

/// The time of day, which people and other clocks may set at any moment.
package protocol WallTime: Sendable {
    var now: Timestamp { get }

    /// An alarm that is not set yet; it ends when it is let go.
    ///
    /// `ring` MUST be called at or after the time that the alarm was set to last, and when the clock is set in between.
    /// It MAY be called at any other time, and from any thread: look at ``now`` again.
    func makeAlarm(_ ring: @escaping @Sendable () -> Void) throws -> any Alarm
}

/// Rings at a time of day.
package protocol Alarm: Sendable {
    /// Forgets the time that it was set to before.
    func set(_ time: Timestamp)
}

/// The clock of this host.
package struct HostTime: WallTime {
    package init() {}

    package var now: Timestamp {
        Timestamp(milliseconds: Int64((Date.now.timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// Nothing wakes up until it rings.
    package func makeAlarm(_ ring: @escaping @Sendable () -> Void) throws -> any Alarm { try HostAlarm(ring) }
}

/// A timer of the kernel, which also knows when the clock is set.
private final class HostAlarm: Alarm {
    private let timer: CInt
    private let source: any DispatchSourceRead

    init(_ ring: @escaping @Sendable () -> Void) throws(POSIXError) {
        timer = ld_make_alarm()
        guard timer >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        source = DispatchSource.makeReadSource(fileDescriptor: timer, queue: .notices)
        source.setEventHandler { [timer] in
            // How often it rang, or ECANCELED, is all the same: it only must not ring on.
            var count: UInt64 = 0
            _ = read(timer, &count, 8)
            ring()
        }
        source.setCancelHandler { [timer] in close(timer) }
        source.activate()
    }

    deinit { source.cancel() }

    func set(_ time: Timestamp) { _ = ld_set_alarm(timer, time.milliseconds) }
}
