import Synchronization
import TestSupport

@testable import Intake

/// The way to the server: cut, slow, and silent at times, and only as sure of what it did as a real one is.
struct ServerInbox: InboxPrimitives {
    let world: World

    /// What goes wrong with one call.
    private enum Fault {
        case before(InboxFailure)
        /// It is done, and the answer is lost.
        case after(InboxFailure)
    }

    func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] {
        try call("list", faults: [.protocolError("?"), .authRefused("no"), .hostKeyMismatch("other")]) {
            server in
            var listing: [RemotePath: [InboxEntry]] = [:]
            for directory in directories where server.folders.contains(directory.text) {
                let folders = server.folders.sorted().compactMap { RemotePath($0) }
                    .filter { $0 != .root && $0.parent == directory }
                let files = server.files.keys.sorted().filter { RemotePath($0)?.parent == directory }
                listing[directory] =
                    folders.map { Self.entry($0, kind: .directory) }
                    + files.compactMap { server.entry(at: $0) }
            }
            return listing
        }
    }

    func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        var lost: InboxFailure?
        for entry in entries.sorted(by: { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }) {
            if let lost {
                await finished(entry, .failure(lost))
                continue
            }
            do throws(InboxFailure) {
                await finished(entry, .success(try read(entry, sink)))
            } catch {
                if error.endsTheRun { lost = error }
                await finished(entry, .failure(error))
            }
        }
        if let lost { throw lost }
    }

    private func read<Sink: ByteSink>(
        _ entry: InboxEntry,
        _ sink: @Sendable (InboxEntry) throws -> Sink
    ) throws(InboxFailure) -> Sink {
        let path = entry.path?.text ?? ""
        let bytes = try call("read \(path)") { server throws(InboxFailure) in
            guard let file = server.files[path] else { throw .gone }
            guard server.entry(at: path)?.isUnchanged(since: entry) == true else { throw .changed }
            // The sender was not done with it.
            server.grow(path)
            return file.bytes
        }
        let made: Sink
        do {
            made = try sink(entry)
            let half = bytes.count / 2
            try made.write(Array(bytes[half...]).span.bytes, at: Int64(half))
            if world.happens(3) { throw SystemError(message: "the disk says no") }
            if half > 0 { try made.write(Array(bytes[..<half]).span.bytes, at: 0) }
        } catch {
            throw .sinkFailed("\(error)")
        }
        try call("look again at \(path)") { server throws(InboxFailure) in
            if world.plant == .noConfirmation { return }
            guard server.entry(at: path)?.isUnchanged(since: entry) == true else { throw .changed }
        }
        if world.plant == .archiveBeforeCommit {
            let target = path.replacing("/pending/", with: "/processed/")
            try call("plant: put away") { server in
                server.files[target] = server.files.removeValue(forKey: path)
            }
        }
        return made
    }

    func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        try call("look at \(path)") { server in
            if server.folders.contains(path.text) { return Self.entry(path, kind: .directory) }
            return server.entry(at: path.text)
        }
    }

    func close() async {}

    func rename(_ old: RemotePath, to new: RemotePath) async throws(InboxFailure) {
        try call("rename \(old) to \(new)", faults: Self.doubts) { server throws(InboxFailure) in
            guard server.folders.contains(new.parent.text) else { throw .other("2: No such file") }
            guard let file = server.files[old.text] else { throw .gone }
            // As vague as most servers are.
            guard server.files[new.text] == nil else { throw .other("4: Failure") }
            server.files[old.text] = nil
            server.files[new.text] = file
        }
    }

    func delete(_ path: RemotePath) async throws(InboxFailure) {
        try call("delete \(path)", faults: Self.doubts) { server throws(InboxFailure) in
            guard server.files.removeValue(forKey: path.text) != nil else { throw .gone }
        }
    }

    func makeFolder(_ path: RemotePath) async throws(InboxFailure) {
        try call("make \(path)", faults: Self.doubts) { server throws(InboxFailure) in
            guard server.folders.contains(path.parent.text) else { throw .gone }
            guard server.folders.insert(path.text).inserted else { throw .other("4: Failure") }
        }
    }

    func put(
        _ contents: UploadContents,
        to destination: RemotePath,
        through temporary: RemotePath
    ) async throws(InboxFailure) {
        let reader = try UploadReader(contents)
        let bytes = try reader.read(at: 0, upTo: Int(reader.size))
        try call("put \(destination)", faults: Self.doubts) { server throws(InboxFailure) in
            guard server.folders.contains(destination.parent.text) else { throw .other("2: No such file") }
            guard server.files[destination.text] == nil else { throw .other("4: Failure") }
            server.write(Server.File(bytes: bytes, modified: 0), to: destination.text)
        }
    }

    private static let doubts: [InboxFailure] = [.uncertain("no answer"), .other("4: Failure")]

    private static func entry(_ path: RemotePath, kind: InboxEntry.Kind) -> InboxEntry {
        InboxEntry(directory: path.parent, name: path.name ?? "", kind: kind, size: nil, modified: nil)
    }

    /// A call with its two steps: it leaves us, and its answer comes.
    private func call<Value>(
        _ what: String,
        faults: [InboxFailure] = [],
        _ body: (inout Server) throws(InboxFailure) -> Value
    ) throws(InboxFailure) -> Value {
        let dead = InboxFailure.unreachable("the process is dead")
        guard world.step("ask: \(what)") else { throw dead }
        let fault = self.fault(faults)
        if case .before(let failure) = fault {
            world.say("  fails: \(failure)")
            throw failure
        }
        var server = world.state.withLock { state in
            state.pass(Int64.random(in: 1...200, using: &state.chance))
            return state.server
        }
        let value: Value
        do throws(InboxFailure) {
            value = try body(&server)
        } catch {
            world.state.withLock { [server] in $0.server = server }
            world.say("  refused: \(error)")
            throw error
        }
        world.state.withLock { [server] in $0.server = server }
        guard world.step("done: \(what)") else { throw dead }
        if case .after(let failure) = fault {
            world.say("  answer lost: \(failure)")
            throw failure
        }
        return value
    }

    private func fault(_ faults: [InboxFailure]) -> Fault? {
        world.state.withLock { state in
            guard !state.isCalm else { return nil }
            if state.uptime < state.server.isAwayUntil { return .before(.unreachable("no route")) }
            switch Int.random(in: 0..<200, using: &state.chance) {
            case 0, 1:
                state.server.isAwayUntil =
                    state.uptime + .seconds(Int.random(in: 1...7200, using: &state.chance))
                return .before(.unreachable("the connection is cut"))
            case 2: return .after(.unreachable("the connection is cut"))
            case 3: return .before(.timedOut("silence"))
            case 4, 5: return faults.randomElement(using: &state.chance).map { .before($0) }
            // What was refused was not done; what is not known may have been.
            case 6, 7: return faults.contains(.uncertain("no answer")) ? .after(.uncertain("no answer")) : nil
            default: return nil
            }
        }
    }
}

extension Server {
    fileprivate func entry(at path: String) -> InboxEntry? {
        guard let file = files[path], let place = RemotePath(path) else { return nil }
        return InboxEntry(
            directory: place.parent,
            name: place.name ?? "",
            size: Int64(file.bytes.count),
            modified: file.modified
        )
    }
}
