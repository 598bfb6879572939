import Testing
import Threads

@Suite(.timeLimit(.minutes(5)))
struct BellTests {
    @Test func `a bell that was rung before is heard once`() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait()
        let start = ContinuousClock.now
        await bell.wait(atMost: .milliseconds(100))
        #expect(ContinuousClock.now - start >= .milliseconds(90))
    }

    @Test func `no ring is lost, however it falls on the wait`() async {
        let (bell, answer) = (Bell(), Bell())
        let heard = await withTaskGroup { group in
            group.addTask {
                var heard = 0
                while heard < 20_000 {
                    await bell.wait()
                    heard += 1
                    answer.ring()
                }
                return heard
            }
            group.addTask {
                for _ in 0..<20_000 {
                    bell.ring()
                    await answer.wait()
                }
                return 0
            }
            return await group.reduce(0, +)
        }
        #expect(heard == 20_000)
    }

    @Test(arguments: [false, true])
    func `whoever is cancelled waits no longer`(isBefore: Bool) async {
        let ended = await withTaskGroup(of: Void.self) { group in
            if isBefore { group.cancelAll() }
            group.addTask { await Bell().wait() }
            group.addTask { await Bell().wait(atMost: .seconds(1_000_000_000_000)) }
            if !isBefore { await Task.yield() }
            group.cancelAll()
            return await group.reduce(0) { count, _ in count + 1 }
        }
        #expect(ended == 2)
    }

    @Test func `a pause ends when its time is over`() async throws {
        try await Task.pause(for: .milliseconds(-1))
        let start = ContinuousClock.now
        try await Task.pause(for: .milliseconds(20))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    @Test func `a pause that is cancelled throws`() async {
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await Task.pause(for: .seconds(86_400)) }
            }
            group.cancelAll()
        }
    }
}
