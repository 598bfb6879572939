import Glibc
import Intake
import Synchronization
import Testing
import Threads

/// Fetches that leave the processor to others.
@Suite(.timeLimit(.minutes(5)))
struct StandingBackTests {
    /// Notes how far the threads stand back that give it bytes, as `nice` has it.
    private final class NotingSink: ByteSink {
        let steps = Mutex<Set<CInt>>([])

        func write(_ bytes: RawSpan, at offset: Int64) throws {
            let step = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            steps.withLock { _ = $0.insert(step) }
        }
    }

    @Test(arguments: [InboxBench.Kind.folder, .openSSH])
    func `a fetch stands back where its task does`(_ kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("in")
        try bench.write("one", "in/a.csv")
        var steps: Set<CInt> = []
        try await StandingBack.$isOn.withValue(true) {
            let entry = try await bench.entry("in", "a.csv")
            try await bench.inbox.fetch([entry]) { _ in
                NotingSink()
            } finished: { _, result in
                if case .success(let sink) = result { steps = sink.steps.withLock { $0 } }
            }
            await bench.inbox.close()
        }
        #expect(steps == [19])
    }
}
