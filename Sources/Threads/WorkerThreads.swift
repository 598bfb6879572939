import Foundation
import Synchronization

/// The few threads on which the process runs its asynchronous code, and which sleep when there is none to run.
///
/// Swift's own pool is libdispatch's: from its first job on, that one wakes up every second for ever, to see whether its
/// threads are stuck. Of the 74 times a minute that an idle daemon woke, 60 were that. A daemon that stays out of it wakes
/// when there is something to do; a hundred drops on a small host make it matter.
///
/// So that the pool is never begun, nothing that a daemon does time and again may
/// - sleep with `Task.sleep`, whose end is a job of the pool: ``Task/pause(for:)`` does the same;
/// - block here: ``onOwnThread(_:)`` is for that, and not `DispatchQueue.global()`;
/// - begin with a free `Task`, which would leave these threads.
package final class WorkerThreads: TaskExecutor {
    private let jobs = Mutex(JobLine())
    private let ready = DispatchSemaphore(value: 0)

    /// Starts them; they end with the process.
    ///
    /// More than the machine has cores, if those are few: a short look into the ledger holds one up.
    ///
    /// - Throws: `POSIXError` when the system does not give all of them.
    package init() throws {
        for number in 1...max(4, ProcessInfo.processInfo.activeProcessorCount) {
            guard startThread("worker-\(number)", { [self] in work() }) else { throw POSIXError(.EAGAIN) }
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        ready.signal()
    }

    private func work() {
        while true {
            ready.wait()
            guard let job = jobs.withLock({ $0.popFirst() }) else { continue }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

/// First come, first served.
private struct JobLine {
    private var jobs: [UnownedJob] = []
    private var served = 0

    mutating func append(_ job: UnownedJob) { jobs.append(job) }

    mutating func popFirst() -> UnownedJob? {
        guard served < jobs.count else { return nil }
        defer {
            served += 1
            // Seldom enough that all moves together cost no more than the jobs do.
            if served == jobs.count || served >= 1024 {
                jobs.removeFirst(served)
                served = 0
            }
        }
        return jobs[served]
    }
}
