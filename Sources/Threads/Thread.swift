import CLinux

/// Starts a thread that nobody waits for, and that ends with its work.
///
/// Where the task is ``StandingBack``, so does the thread, and so do those that it starts.
///
/// - Parameters:
///   - name: What the system shows, at most 15 bytes.
///   - work: What the thread does.
/// - Returns: Whether it could be started: the system may have no thread left.
package func startThread(_ name: String, _ work: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(
        ThreadWork(name: name, standsBack: StandingBack.isOn || ld_stands_back() != 0, work: work)
    )
    let failure = ld_start_thread(
        { argument in
            guard let argument else { return }
            let work = Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
            ld_name_thread(work.name)
            if work.standsBack { ld_stand_back() }
            work.work()
        },
        box.toOpaque()
    )
    if failure != 0 { box.release() }
    return failure == 0
}

private final class ThreadWork: Sendable {
    let name: String
    let standsBack: Bool
    let work: @Sendable () -> Void

    init(name: String, standsBack: Bool, work: @escaping @Sendable () -> Void) {
        self.name = name
        self.standsBack = standsBack
        self.work = work
    }
}
