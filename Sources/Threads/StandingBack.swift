/// Whether the threads that a task starts take only what all others leave of the processor, until they end.
///
/// For work that nobody waits for. What it does on the ``WorkerThreads`` themselves is not concerned: it MUST be short.
///
/// It stands back behind what shares its control group: under systemd and in a container that is this daemon alone, which has
/// its full share beside others. Where the system refuses it, the work is done at the common priority.
///
/// All of the way back: a thread that wakes up must at once go before it, not only once the system's clock has ticked, 4 ms on
/// Debian, since a page is answered in a millisecond or two by half a dozen threads that wake each other. The class of idle
/// threads (`SCHED_IDLE`) was no better, and worse beside other programs.
package enum StandingBack {
    @TaskLocal package static var isOn = false
}
