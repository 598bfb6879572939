import CLinux

/// Whether the threads that a task starts take only what all others leave of the processor, until they end.
///
/// For work that nobody waits for. What it does on the ``WorkerThreads`` themselves is not concerned: it MUST be short.
///
/// It stands back behind what shares its control group: under systemd and in a container that is this daemon alone, which has
/// its full share beside others. Where the system refuses it, the work is done at the common priority.
///
/// The priority is not enough: Linux lets a thread that wakes up go first only if it has not just had its turn, and looks
/// again when its clock ticks, every 4 ms on Debian. A page is answered in a millisecond or two by half a dozen threads that
/// wake each other. So whatever computes for long gives way now and then by itself.
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
