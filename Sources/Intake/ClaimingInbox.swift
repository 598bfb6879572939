/// An inbox that two daemons with ledgers of their own may serve at once: each file is loaded by one of them.
///
/// A file is taken before it is read, by a rename into `processing/OWNER/` beside the folder it was dropped in; a server
/// lets only one rename succeed, and the other daemon finds the file gone. To whoever asks, a file that was claimed still
/// lies where it was dropped: what an interrupted run has claimed is listed, fetched and disposed of as if nothing had
/// happened, and while it is there a newer file of its name waits behind it.
package struct ClaimingInbox: Inbox {
    private let inbox: any Inbox
    private let layout: InboxLayout
    private let owner: RemoteName
    private let width: Int

    /// - Parameters:
    ///   - inbox: Where the files lie; it must be one on which we may rename.
    ///   - layout: Says which folders are drop places.
    ///   - owner: The ledger's id: no other daemon has it.
    ///   - width: How many files are claimed at a time.
    package init(_ inbox: any Inbox, layout: InboxLayout, owner: String, width: Int = 16) {
        self.inbox = inbox
        self.layout = layout
        self.owner = RemoteName(owner)
        self.width = width
    }

    package func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] {
        let asked = Set(directories)
        let places = layout.places.filter { $0.judge != nil && asked.contains($0.directory) }
        let others = Set(places.flatMap { [$0.unless, folder(of: $0.directory)].compactMap(\.self) })
        var listing = try await inbox.list(Array(asked.union(others)))
        for place in places where place.unless.map({ listing[$0] == nil }) ?? true {
            guard let folder = folder(of: place.directory), let claimed = listing[folder] else { continue }
            let names = Set(claimed.map(\.name))
            let dropped = (listing[place.directory] ?? []).filter { !names.contains($0.name) }
            listing[place.directory] = dropped + claimed.map { Self.moved($0, to: place.directory) }
        }
        return listing.filter { asked.contains($0.key) }
    }

    package func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        var mine: [InboxEntry] = []
        var dropped: [InboxEntry: InboxEntry] = [:]
        var lost: InboxFailure?
        for start in stride(from: 0, to: entries.count, by: width) {
            let group = Array(entries[start...].prefix(width))
            for (entry, result) in await claim(group, unless: lost) {
                switch result {
                case .success(let claimed):
                    mine.append(claimed)
                    dropped[claimed] = entry
                case .failure(let failure):
                    if failure.endsTheRun { lost = failure }
                    await finished(entry, .failure(failure))
                }
            }
        }
        // What is claimed by now is fetched even so: should the inbox be lost, that ends each with its failure.
        let original = dropped
        var failed: [InboxEntry] = []
        if !mine.isEmpty {
            try await inbox.fetch(
                mine,
                into: { try sink(original[$0] ?? $0) },
                finished: { claimed, result in
                    if case .failure(let failure) = result, !failure.endsTheRun { failed.append(claimed) }
                    await finished(original[claimed] ?? claimed, result)
                }
            )
        }
        for claimed in failed { await putBack(claimed, to: original[claimed]?.path) }
        if let lost { throw lost }
    }

    package func move(_ entry: InboxEntry, to destination: RemotePath) async throws(InboxFailure) {
        try await inbox.move(try await whereItLies(entry), to: destination)
    }

    package func remove(_ entry: InboxEntry) async throws(InboxFailure) {
        try await inbox.remove(try await whereItLies(entry))
    }

    package func upload(_ contents: UploadContents, to destination: RemotePath) async throws(InboxFailure) {
        try await inbox.upload(contents, to: destination)
    }

    package func makeDirectory(_ path: RemotePath) async throws(InboxFailure) {
        try await inbox.makeDirectory(path)
    }

    package func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        try await inbox.look(at: path)
    }

    package func close() async { await inbox.close() }

    /// Takes files; after the inbox is lost, none is tried any more.
    private func claim(
        _ entries: [InboxEntry],
        unless lost: InboxFailure?
    ) async -> [(InboxEntry, Result<InboxEntry, InboxFailure>)] {
        if let lost { return entries.map { ($0, .failure(lost)) } }
        return await withTaskGroup { group in
            for entry in entries {
                group.addTask { (entry, await claim(entry)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func claim(_ entry: InboxEntry) async -> Result<InboxEntry, InboxFailure> {
        guard let claimed = claimed(entry), let place = claimed.path else {
            return .failure(.other("a hostile name cannot be claimed"))
        }
        do throws(InboxFailure) {
            try await inbox.move(entry, to: place)
            return .success(claimed)
        } catch {
            return .failure(error)
        }
    }

    /// Gives up a claim: the sender may be about to go on with the file, or the other daemon may be able to read it.
    private func putBack(_ claimed: InboxEntry, to place: RemotePath?) async {
        guard let path = claimed.path, let place else { return }
        do throws(InboxFailure) {
            // Perhaps another than was claimed: it may have changed.
            if let seen = try await inbox.look(at: path) { try await inbox.move(seen, to: place) }
        } catch {
            // It stays claimed, and the next listing shows it.
        }
    }

    /// The entry at the place where it lies: with us, unless it was never claimed.
    private func whereItLies(_ entry: InboxEntry) async throws(InboxFailure) -> InboxEntry {
        guard let claimed = claimed(entry), let place = claimed.path,
            let seen = try await inbox.look(at: place), seen.isUnchanged(since: entry)
        else { return entry }
        return claimed
    }

    private func claimed(_ entry: InboxEntry) -> InboxEntry? {
        folder(of: entry.directory).map { Self.moved(entry, to: $0) }
    }

    /// Where files of a drop place are kept while they are ours.
    private func folder(of directory: RemotePath) -> RemotePath? {
        Self.claims(on: directory)?.appending(owner)
    }

    /// Where the claims on files of a drop place lie, a folder for each daemon.
    static func claims(on directory: RemotePath) -> RemotePath? {
        let home = directory.name == "pending" ? directory.parent : directory
        return home.appending("processing")
    }

    private static func moved(_ entry: InboxEntry, to directory: RemotePath) -> InboxEntry {
        var moved = entry
        moved.directory = directory
        return moved
    }
}
