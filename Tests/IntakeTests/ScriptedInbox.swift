import Synchronization

@testable import Intake

/// An inbox in memory in which something happens at the worst moment.
final class ScriptedInbox: InboxPrimitives {
    struct File: Equatable {
        var text: String
        var modified: Int64
    }

    private let state: Mutex<[RemotePath: File]>
    /// What happens before the nth step that changes something, instead of it, and after it was done.
    private let before: Mutex<[Int: @Sendable (inout [RemotePath: File]) -> Void]> = Mutex([:])
    private let instead: Mutex<[Int: InboxFailure]> = Mutex([:])
    private let after: Mutex<[Int: InboxFailure]> = Mutex([:])
    private let steps = Mutex(0)

    init(_ files: [String: File]) {
        state = Mutex(Dictionary(uniqueKeysWithValues: files.map { (path($0.key), $0.value) }))
    }

    var files: [String: String] {
        state.withLock { files in Dictionary(uniqueKeysWithValues: files.map { ($0.key.text, $0.value.text) })
        }
    }

    func beforeStep(_ number: Int, _ change: @escaping @Sendable (inout [RemotePath: File]) -> Void) {
        before.withLock { $0[number] = change }
    }

    func failStep(_ number: Int, _ failure: InboxFailure) { instead.withLock { $0[number] = failure } }

    func failAfterStep(_ number: Int, _ failure: InboxFailure) { after.withLock { $0[number] = failure } }

    func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] { [:] }

    func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        for entry in entries {
            let text = entry.path.flatMap { place in state.withLock { $0[place]?.text } } ?? ""
            do {
                let made = try sink(entry)
                let bytes = Array(text.utf8)
                try made.write(bytes.span.bytes, at: 0)
                await finished(entry, .success(made))
            } catch {
                await finished(entry, .failure(.sinkFailed("\(error)")))
            }
        }
    }

    func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        state.withLock { files in
            if let file = files[path] { return entry(path, file) }
            let isFolder = path == .root || files.keys.contains { $0.parent == path }
            return isFolder
                ? InboxEntry(
                    directory: path.parent,
                    name: path.name ?? "",
                    kind: .directory,
                    size: nil,
                    modified: nil
                ) : nil
        }
    }

    func close() async {}

    func rename(_ old: RemotePath, to new: RemotePath) async throws(InboxFailure) {
        try step { files throws(InboxFailure) in
            guard let file = files[old] else { throw .gone }
            // As vague as most servers are.
            guard files[new] == nil else { throw .other("4: Failure") }
            files[old] = nil
            files[new] = file
        }
    }

    func delete(_ path: RemotePath) async throws(InboxFailure) {
        try step { files throws(InboxFailure) in
            guard files.removeValue(forKey: path) != nil else { throw .gone }
        }
    }

    func makeFolder(_ path: RemotePath) async throws(InboxFailure) {}

    func put(
        _ contents: UploadContents,
        to destination: RemotePath,
        through temporary: RemotePath
    ) async throws(InboxFailure) {
        try step { files throws(InboxFailure) in
            guard files[destination] == nil else { throw .other("4: Failure") }
            guard case .bytes(let bytes) = contents else { throw .other("no file") }
            files[destination] = File(text: String(decoding: bytes, as: UTF8.self), modified: 9)
        }
    }

    /// The entry of a file as it is now.
    func entry(_ name: String) -> InboxEntry {
        let place = path(name)
        return state.withLock { files in
            files[place].map { entry(place, $0) }
                ?? InboxEntry(directory: place.parent, name: place.name ?? "", size: nil, modified: nil)
        }
    }

    private func entry(_ path: RemotePath, _ file: File) -> InboxEntry {
        InboxEntry(
            directory: path.parent,
            name: path.name ?? "",
            size: Int64(file.text.utf8.count),
            modified: file.modified
        )
    }

    private func step(_ change: (inout [RemotePath: File]) throws(InboxFailure) -> Void) throws(InboxFailure)
    {
        let number = steps.withLock { steps in
            steps += 1
            return steps
        }
        let earlier = before.withLock { $0[number] }
        var files = state.withLock { $0 }
        earlier?(&files)
        defer { state.withLock { [files] in $0 = files } }
        if let failure = instead.withLock({ $0[number] }) { throw failure }
        try change(&files)
        if let failure = after.withLock({ $0[number] }) { throw failure }
    }
}
