import SFTP

extension SFTPInbox {
    /// How many files are under way at once.
    private static let width = 64

    package func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        var waiting = entries.map { FetchedFile(entry: $0) }
        var losses = 0
        while !waiting.isEmpty {
            do throws(InboxFailure) {
                if losses > 0 { try await connection.pause(after: losses) }
                let session = try await open(isAgain: losses > 0)
                let (round, rest) = FetchedFile.nextRound(waiting)
                let end = await fetch(round, over: session, into: sink) { file, result in
                    if case .success = result { losses = 0 }
                    await finished(file.entry, result)
                }
                waiting = rest + end.left
                guard let loss = end.loss else { continue }
                losses += 1
                // A file that has lost a connection of its own again is most likely the reason.
                for file in waiting where file.isHopeless { await finished(file.entry, .failure(loss)) }
                waiting.removeAll(where: \.isHopeless)
                let isOver = losses > connection.pauses.count || loss == .cancelled
                if isOver, !waiting.isEmpty { throw loss }
            } catch {
                for file in waiting { await finished(file.entry, .failure(error)) }
                throw error
            }
        }
    }

    /// A session; after a loss the server may need a while until it is back.
    private func open(isAgain: Bool) async throws(InboxFailure) -> SFTPSession {
        var attempts = isAgain ? 1 : 0
        while true {
            do throws(SFTPFailure) {
                return try await connection.open()
            } catch {
                guard isAgain, error.isOutOfReach, attempts < connection.pauses.count else {
                    throw InboxFailure(error)
                }
                attempts += 1
                try await connection.pause(after: attempts)
            }
        }
    }

    /// Fetches files over one session, until all are done or the session is lost.
    ///
    /// - Returns: The files that are left, and why.
    private func fetch<Sink: ByteSink>(
        _ files: [FetchedFile],
        over session: SFTPSession,
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (FetchedFile, Result<Sink, InboxFailure>) async -> Void
    ) async -> (left: [FetchedFile], loss: InboxFailure?) {
        var left: [FetchedFile] = []
        var loss: InboxFailure?
        await withTaskGroup(of: (FetchedFile, Result<Sink, SFTPFailure>).self) { group in
            var next = files.startIndex
            func startOne() {
                guard loss == nil, next < files.endIndex else { return }
                let file = files[next]
                next += 1
                group.addTask {
                    do throws(SFTPFailure) {
                        return (file, .success(try await fetch(file.entry, over: session, into: sink)))
                    } catch {
                        return (file, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.width { startOne() }
            for await (file, result) in group {
                switch result {
                case .success(let filled): await finished(file, .success(filled))
                case .failure(let failure) where failure.isLoss || failure == .cancelled:
                    loss = loss ?? InboxFailure(failure)
                    left.append(file.struck)
                case .failure(let failure): await finished(file, .failure(InboxFailure(failure)))
                }
                startOne()
            }
            left += files[next...]
        }
        return (left, loss)
    }

    private func fetch<Sink: ByteSink>(
        _ entry: InboxEntry,
        over session: SFTPSession,
        into makeSink: @Sendable (InboxEntry) throws -> Sink
    ) async throws(SFTPFailure) -> Sink {
        guard let path = entry.path else { throw .noSuchFile }
        guard entry.kind == .file || entry.kind == .unknown else { throw .changed }
        let sink: Sink
        do { sink = try makeSink(entry) } catch { throw .localFailure("\(error)") }
        let expected = FileAttributes(
            size: entry.size.map { UInt64(clamping: $0) },
            modified: entry.modified.map { UInt32(clamping: $0) }
        )
        let seen = try await session.download(bytes(path), expecting: expected, into: Adapter(sink: sink))
        // What the server does not say of an open file it may say of its name.
        if seen.size == nil || seen.modified == nil {
            let looked = try await session.look(at: bytes(path))
            let isSame =
                (expected.size == nil || looked.size == expected.size)
                && (expected.modified == nil || looked.modified == expected.modified)
            guard isSame else { throw .changed }
        }
        return sink
    }

    private struct Adapter<Sink: ByteSink>: DownloadSink {
        let sink: Sink

        func write(_ bytes: RawSpan, at offset: UInt64) throws {
            try sink.write(bytes, at: Int64(clamping: offset))
        }
    }
}

/// A file that is to be fetched, and how often the connection was lost over it.
struct FetchedFile: Sendable {
    var entry: InboxEntry
    private var strikes = 0

    init(entry: InboxEntry) { self.entry = entry }

    /// The same file after a loss while it was under way.
    var struck: FetchedFile {
        var struck = self
        struck.strikes += 1
        return struck
    }

    /// Lost once among others and twice alone.
    var isHopeless: Bool { strikes >= 3 }

    /// Picks what goes over the next session: all files that have no strike; then those that have, one at a time, so
    /// that the one that loses connections is found, and the others arrive.
    static func nextRound(_ waiting: [FetchedFile]) -> (round: [FetchedFile], rest: [FetchedFile]) {
        let innocent = waiting.filter { $0.strikes == 0 }
        if !innocent.isEmpty { return (innocent, waiting.filter { $0.strikes > 0 }) }
        let fewest = waiting.indices.min { waiting[$0].strikes < waiting[$1].strikes }
        guard let fewest else { return ([], []) }
        var rest = waiting
        let next = rest.remove(at: fewest)
        return ([next], rest)
    }
}
