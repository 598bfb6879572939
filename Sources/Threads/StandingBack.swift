import CLinux

/// Whether the threads that a task starts take only what all others leave of the processor, until they end.
///
/// For work that nobody waits for. What it does on the ``WorkerThreads`` themselves is not concerned: it MUST be short.
///
/// It stands back behind what shares its control group: under systemd and in a container that is this daemon alone, which has
/// its full share beside others. Where the system refuses it, the work is done at the common priority.
///
/// The priority is not enough: threads that answer a page were seen to wait for up to 4 ms, which is one tick of the system's
/// clock on Debian, behind a thread that stands back. So whatever computes for long gives way now and then by itself.
package enum StandingBack {
    @TaskLocal package static var isOn = false

    /// Lets whoever waits for the processor go first, where the calling thread stands back.
    ///
    /// To be called every few microseconds where there is much to do: it looks at the clock, and lets go of the processor
    /// every 0.1 ms. Elsewhere it does nothing.
    ///
    /// - Returns: Whether it let go.
    @discardableResult
    package static func giveWay() -> Bool { ld_give_way() != 0 }
}
