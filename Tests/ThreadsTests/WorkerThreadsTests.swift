import Dispatch
import Glibc
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct WorkerThreadsTests {
    /// What runs on whatever threads its callers run on.
    private actor Counter {
        private(set) var count = 0
        private(set) var strays = 0

        func add() {
            count += 1
            if !isWorker() { strays += 1 }
        }
    }

    @Test func `tasks, actors and what waited in between run on them`() async throws {
        let counter = Counter()
        try await withTaskExecutorPreference(WorkerThreads()) {
            await withTaskGroup { group in
                for _ in 0..<5_000 {
                    group.addTask {
                        await counter.add()
                        await Task.yield()
                        await counter.add()
                    }
                }
            }
            try await Task.pause(for: .milliseconds(1))
            #expect(isWorker())
            let isElsewhere = try await onOwnThread { !isWorker() }
            #expect(isElsewhere)
            #expect(isWorker())
        }
        #expect(await counter.count == 10_000)
        #expect(await counter.strays == 0)
    }

    @Test func `what other threads hand over at once is done, each once`() async throws {
        let counter = Counter()
        try await withTaskExecutorPreference(WorkerThreads()) {
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<500 {
                            try await onOwnThread {}
                            await counter.add()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(await counter.count == 4_000)
        #expect(await counter.strays == 0)
    }

    @Test func `one that is held up holds up nobody`() async throws {
        let isFree = DispatchSemaphore(value: 0)
        try await withTaskExecutorPreference(WorkerThreads()) {
            let bell = Bell()
            await withTaskGroup { group in
                group.addTask { hold(until: isFree) }
                group.addTask {
                    await bell.wait()
                    isFree.signal()
                }
                group.addTask { bell.ring() }
            }
        }
    }
}

private func hold(until end: DispatchSemaphore) { end.wait() }

private func isWorker() -> Bool {
    // A thread's folder in /proc shows its name.
    var name = [UInt8](repeating: 0, count: 16)
    let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    return read(file, &name, name.count) > 0 && name.starts(with: "worker-".utf8)
}
