extension Task where Success == Never, Failure == Never {
    /// Waits for a while, as `sleep` does, but on ``WorkerThreads`` alone.
    ///
    /// - Throws: `CancellationError`, at once when the task is cancelled.
    package static func pause(for time: Duration) async throws {
        try checkCancellation()
        await Bell().wait(atMost: time)
        try checkCancellation()
    }
}
