import CLibSSH
import Glibc
import Threads

/// What a connection wants of its thread until it is looked at again.
struct ReactorTurn: Sendable {
    /// The connection's descriptor, if there is one to watch.
    var descriptor: CInt?
    var wantsToWrite = false
    /// How long to wait at most; 0 to come back at once, -1 without limit.
    var patience: CInt = -1
}

/// An actor that lives on a ``Reactor`` and is given a turn whenever something may have happened.
protocol ReactorDriven: Actor {
    /// Does what can be done without waiting.
    ///
    /// - Parameter cancelled: The operations that nobody waits for any more.
    /// - Returns: When to come again.
    func turn(cancelled: [Int]) -> ReactorTurn
}

/// The thread of a ``Reactor`` and the queue that leads to it.
///
/// The thread holds only this object, never the reactor or its actor, so that both can go while it waits.
///
/// `@unchecked Sendable`: `lock` guards `jobs`, `cancelled`, `isStopping`, `driven` and `thread`; the mutex and the
/// event's descriptor never change after `init`.
final class ReactorLoop: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let event: CInt
    private var jobs: [UnownedJob] = []
    private var cancelled: [Int] = []
    private var isStopping = false
    private weak var driven: (any ReactorDriven)?
    private var thread: pthread_t?

    init() {
        event = clibssh_eventfd()
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    deinit {
        if event >= 0 { close(event) }
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Starts the thread.
    func start(running executor: UnownedSerialExecutor) {
        let started = startThread("sftp") { [self] in
            locked { thread = pthread_self() }
            run(executor)
        }
        // Without a thread no job would ever run, and whoever waits would wait for ever.
        precondition(started, "the system gives no more threads")
    }

    /// Gives turns to an actor from now on.
    func drive(_ actor: any ReactorDriven) {
        locked { driven = actor }
        wake()
    }

    func push(_ job: UnownedJob) {
        locked { jobs.append(job) }
        wake()
    }

    /// Says that nobody waits for an operation any more.
    func cancel(_ operation: Int) {
        locked { cancelled.append(operation) }
        wake()
    }

    /// Lets the thread end as soon as it has nothing to do.
    func stop() {
        locked { isStopping = true }
        wake()
    }

    var isCurrentThread: Bool {
        guard let thread = locked({ thread }) else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    private func run(_ executor: UnownedSerialExecutor) {
        while true {
            let due = locked {
                defer { jobs.removeAll() }
                return jobs
            }
            for job in due { job.runSynchronously(on: executor) }
            let turn = giveTurn()
            if locked({ isStopping && jobs.isEmpty }) { return }
            wait(turn)
        }
    }

    /// Gives the actor its turn; the actor is held only meanwhile.
    private func giveTurn() -> ReactorTurn {
        let (actor, operations) = locked {
            defer { cancelled.removeAll() }
            return (driven, cancelled)
        }
        guard let actor else { return ReactorTurn() }
        return turn(of: actor, operations)
    }

    private func turn(of actor: some ReactorDriven, _ operations: [Int]) -> ReactorTurn {
        actor.assumeIsolated { $0.turn(cancelled: operations) }
    }

    private func wait(_ turn: ReactorTurn) {
        var watched = [pollfd(fd: event, events: Int16(POLLIN), revents: 0)]
        if let descriptor = turn.descriptor {
            let events = CInt(POLLIN) | (turn.wantsToWrite ? CInt(POLLOUT) : 0)
            watched.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        }
        // Interrupted or not, the next turn looks at everything. Without an event, when the system had no descriptor
        // left for one, it must look often.
        _ = poll(&watched, nfds_t(watched.count), event < 0 ? 5 : turn.patience)
        if watched[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(event, &count, 8)
        }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(event, &one, 8)
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
