import ArgumentParser
import Threads

/// The process: every command runs on its ``WorkerThreads``, so that a daemon with nothing to do sleeps.
@main
enum Program {
    // On the main thread from the start: the first step elsewhere would begin the pool that never sleeps for long.
    @MainActor static func main() async throws {
        try await withTaskExecutorPreference(WorkerThreads()) { await Ledgerdrop.main() }
    }
}
