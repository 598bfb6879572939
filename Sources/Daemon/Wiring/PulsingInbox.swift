import Intake

/// An inbox whose every sign of life is a beat of the pulse.
///
/// Each call of an inbox ends within a bound of its own, so a call in hand is a rest that was announced.
struct PulsingInbox: Inbox {
    /// No call of an inbox but a fetch takes longer; a fetch beats with its bytes.
    private static let longestCall = Duration.seconds(600)

    let inbox: any Inbox
    let pulse: Pulse

    func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        return try await inbox.list(directories)
    }

    func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        try await inbox.fetch(
            entries,
            into: { [pulse] entry in PulsingSink(sink: try sink(entry), pulse: pulse) },
            finished: { entry, result in await finished(entry, result.map(\.sink)) }
        )
    }

    func move(_ entry: InboxEntry, to destination: RemotePath) async throws(InboxFailure) {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        try await inbox.move(entry, to: destination)
    }

    func remove(_ entry: InboxEntry) async throws(InboxFailure) {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        try await inbox.remove(entry)
    }

    func upload(_ contents: UploadContents, to destination: RemotePath) async throws(InboxFailure) {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        try await inbox.upload(contents, to: destination)
    }

    func makeDirectory(_ path: RemotePath) async throws(InboxFailure) {
        try await inbox.makeDirectory(path)
    }

    func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        return try await inbox.look(at: path)
    }

    func look(at paths: [RemotePath]) async throws(InboxFailure) -> [InboxEntry?] {
        pulse.rest(for: Self.longestCall)
        defer { pulse.beat() }
        return try await inbox.look(at: paths)
    }

    func close() async {
        await inbox.close()
    }
}

private struct PulsingSink<Sink: ByteSink>: ByteSink {
    let sink: Sink
    let pulse: Pulse

    func write(_ bytes: RawSpan, at offset: Int64) throws {
        try sink.write(bytes, at: offset)
        pulse.rest(for: .seconds(60))
    }
}
