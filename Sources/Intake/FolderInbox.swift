/// An inbox that is a folder of this machine: what an SFTP server on the same host serves, or a mounted share.
package struct FolderInbox: InboxPrimitives {
    private let folder: LocalFolder
    private let work: BlockingWork

    /// - Parameters:
    ///   - path: The absolute path of the inbox.
    ///   - patience: How long a mounted share may be silent.
    package init(path: String, patience: Duration = .seconds(30)) {
        folder = LocalFolder(path: path)
        work = BlockingWork(patience: patience)
    }

    package func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] {
        try await work.run { [folder] progress throws(InboxFailure) in
            var budget = (names: 200_000, bytes: 64 << 20)
            var found: [RemotePath: [InboxEntry]] = [:]
            for directory in Set(directories) {
                found[directory] = try folder.list(directory, budget: &budget, progress: progress)
            }
            return found
        }
    }

    package func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        var lost: InboxFailure?
        // One after the other: a disk is not faster for being asked twice at once.
        for entry in entries {
            if let lost {
                await finished(entry, .failure(lost))
                continue
            }
            do throws(InboxFailure) {
                let filled = try await work.run { [folder] progress throws(InboxFailure) in
                    let made: Sink
                    do { made = try sink(entry) } catch { throw .sinkFailed("\(error)") }
                    try folder.read(entry, into: made, progress: progress)
                    return made
                }
                await finished(entry, .success(filled))
            } catch {
                if error.endsTheRun { lost = error }
                await finished(entry, .failure(error))
            }
        }
        if let lost { throw lost }
    }

    package func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        try await work.run { [folder] _ throws(InboxFailure) in try folder.look(at: path) }
    }

    // Nothing is kept open between two calls.
    package func close() async {}

    func rename(_ old: RemotePath, to new: RemotePath) async throws(InboxFailure) {
        try await work.run { [folder] _ throws(InboxFailure) in try folder.rename(old, to: new) }
    }

    func delete(_ path: RemotePath) async throws(InboxFailure) {
        try await work.run { [folder] _ throws(InboxFailure) in try folder.delete(path) }
    }

    func makeFolder(_ path: RemotePath) async throws(InboxFailure) {
        try await work.run { [folder] _ throws(InboxFailure) in try folder.makeFolder(path) }
    }

    func put(
        _ contents: UploadContents,
        to destination: RemotePath,
        through temporary: RemotePath
    ) async throws(InboxFailure) {
        try await work.run { [folder] progress throws(InboxFailure) in
            let reader = try UploadReader(contents)
            try folder.put(reader, to: destination, through: temporary, progress: progress)
        }
    }
}
