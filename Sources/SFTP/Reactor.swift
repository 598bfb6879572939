/// One thread that runs one actor and its connection, and nothing else.
///
/// The SSH library may be called by one thread only, and its calls may block; here they never block the threads that
/// everybody shares. The thread ends when the reactor goes, never before: an actor whose thread has ended would let
/// everybody who calls it wait for ever.
final class Reactor: SerialExecutor {
    private let loop = ReactorLoop()

    init() { loop.start(running: UnownedSerialExecutor(ordinary: self)) }

    // This may run on the reactor's own thread, so it must not wait for it.
    deinit { loop.stop() }

    func enqueue(_ job: consuming ExecutorJob) { loop.push(UnownedJob(job)) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() { precondition(loop.isCurrentThread) }

    func isIsolatingCurrentContext() -> Bool? { loop.isCurrentThread }

    func drive(_ actor: any ReactorDriven) { loop.drive(actor) }

    func cancel(_ operation: Int) { loop.cancel(operation) }
}
