import Foundation
import Synchronization

/// The thread on which every child of the tests is started, so that none outlives them.
///
/// A child asks the kernel for a signal when its parent dies. That parent is the thread that started it, not its
/// process, and the threads of the pool come and go; this one stays as long as the process.
final class Nursery: Sendable {
    static let shared = Nursery()

    private typealias Start = @Sendable () -> Void

    private let starts = Mutex<[Start]>([])
    private let arrivals = DispatchSemaphore(value: 0)

    private init() {
        Thread { [self] in
            while true {
                arrivals.wait()
                starts.withLock { $0.removeFirst() }()
            }
        }.start()
    }

    /// Runs a start on the thread, and waits for what came of it.
    func run(_ start: @escaping @Sendable () -> Result<pid_t, SystemError>) throws -> pid_t {
        let outcome = Outcome()
        let done = DispatchSemaphore(value: 0)
        starts.withLock { starts in
            starts.append {
                outcome.result.withLock { $0 = start() }
                done.signal()
            }
        }
        arrivals.signal()
        done.wait()
        return try outcome.result.withLock { $0 }.get()
    }

    private final class Outcome: Sendable {
        let result = Mutex<Result<pid_t, SystemError>>(.failure(SystemError(message: "not started")))
    }

    /// A command as it runs with a promise of the kernel to kill it when its parent dies.
    ///
    /// `setpriv` asks for that and becomes the command, under the same process id.
    static func tied(_ command: [String]) -> [String] {
        ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] + command
    }
}
