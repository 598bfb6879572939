import CLibSSH
import Glibc

/// Starts a thread that nobody waits for.
///
/// - Parameters:
///   - name: What the system shows, at most 15 bytes.
///   - work: What the thread does.
/// - Returns: Whether it could be started.
func startThread(_ name: String, _ work: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(ThreadWork(name: name, work: work))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread,
        nil,
        { argument in
            guard let argument else { return nil }
            let work = Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
            clibssh_name_thread(work.name)
            work.work()
            return nil
        },
        box.toOpaque()
    )
    guard failure == 0 else {
        box.release()
        return false
    }
    pthread_detach(thread)
    return true
}

private final class ThreadWork: Sendable {
    let name: String
    let work: @Sendable () -> Void

    init(name: String, work: @escaping @Sendable () -> Void) {
        self.name = name
        self.work = work
    }
}
