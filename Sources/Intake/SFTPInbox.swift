package import SFTP

/// An inbox on an SFTP server.
///
/// The connection is made with the first call and kept until ``close()``; one that is lost is made anew. The failure
/// to make the first is not hidden behind repetitions: the run knows how long it can wait.
package struct SFTPInbox: InboxPrimitives {
    let connection: SFTPConnection
    private let root: [UInt8]

    /// - Parameters:
    ///   - endpoint: The server.
    ///   - root: The absolute path of the inbox on the server.
    ///   - pauses: How long to wait before each new attempt after a connection was lost.
    package init(
        _ endpoint: SFTPEndpoint,
        root: String,
        pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(4), .seconds(15)]
    ) {
        connection = SFTPConnection(endpoint, pauses: pauses)
        // One slash stands between this and a name.
        var bytes = Array(root.utf8)
        while bytes.last == 0x2F { bytes.removeLast() }
        self.root = bytes
    }

    package func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] {
        let directories = Set(directories).sorted()
        let found = try await connection.use { session throws(SFTPFailure) in
            let results = try await session.list(directories.map(bytes))
            var found: [RemotePath: [InboxEntry]] = [:]
            for (directory, result) in zip(directories, results) {
                do throws(SFTPFailure) {
                    found[directory] = try await entries(of: directory, try result.get(), session)
                } catch {
                    guard try await isMissing(directory, error, session) else { throw error }
                }
            }
            return found
        }
        // With the inbox itself gone, "nothing there" would be a lie.
        if found.isEmpty, !directories.isEmpty {
            let isThere = try await connection.use { session throws(SFTPFailure) in
                do throws(SFTPFailure) {
                    _ = try await session.look(at: bytes(.root))
                    return true
                } catch {
                    if error == .noSuchFile { return false }
                    throw error
                }
            }
            guard isThere else { throw .unreachable("the inbox's folder is not on the server") }
        }
        return found
    }

    package func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        try await look(at: [path])[0]
    }

    package func look(at paths: [RemotePath]) async throws(InboxFailure) -> [InboxEntry?] {
        let seen = try await connection.use { session throws(SFTPFailure) in
            try await session.look(at: paths.map(bytes))
        }
        var entries: [InboxEntry?] = []
        for (path, result) in zip(paths, seen) {
            do throws(SFTPFailure) {
                let attributes = try result.get()
                entries.append(InboxEntry(attributes, directory: path.parent, name: path.name ?? ""))
            } catch {
                let failure = InboxFailure(error)
                guard failure == .gone else { throw failure }
                entries.append(nil)
            }
        }
        return entries
    }

    package func close() async { await connection.close() }

    func rename(_ old: RemotePath, to new: RemotePath) async throws(InboxFailure) {
        try await connection.useOnce { session throws(SFTPFailure) in
            try await session.rename(bytes(old), to: bytes(new))
        }
    }

    func delete(_ path: RemotePath) async throws(InboxFailure) {
        try await connection.useOnce { session throws(SFTPFailure) in try await session.remove(bytes(path)) }
    }

    func makeFolder(_ path: RemotePath) async throws(InboxFailure) {
        try await connection.useOnce { session throws(SFTPFailure) in
            try await session.makeFolder(bytes(path))
        }
    }

    func put(
        _ contents: UploadContents,
        to destination: RemotePath,
        through temporary: RemotePath
    ) async throws(InboxFailure) {
        let source = Source(reader: try UploadReader(contents))
        try await connection.useOnce { session throws(SFTPFailure) in
            try await session.upload(source, to: bytes(destination), through: bytes(temporary))
        }
    }

    /// The path as the server has it.
    func bytes(_ path: RemotePath) -> [UInt8] {
        guard path != .root else { return root.isEmpty ? [0x2F] : root }
        return root + [0x2F] + path.bytes
    }

    /// The entries of a listing, with a second look at those of which it says too little, or too much.
    private func entries(
        of directory: RemotePath,
        _ listed: [ListedName],
        _ session: SFTPSession
    ) async throws(SFTPFailure) -> [InboxEntry] {
        var entries: [InboxEntry] = []
        var places: [RemoteName: Int] = [:]
        var doubtful: Set<Int> = []
        for found in listed where found.name != [0x2E] && found.name != [0x2E, 0x2E] {
            let entry = InboxEntry(found.attributes, directory: directory, name: RemoteName(found.name))
            if let first = places[entry.name] {
                entries[first].isRepeated = true
                doubtful.insert(first)
                continue
            }
            places[entry.name] = entries.count
            let isPlain = entry.kind != .unknown && entry.size != nil && entry.modified != nil
            if !isPlain { doubtful.insert(entries.count) }
            entries.append(entry)
        }
        let looks = doubtful.sorted().compactMap { place in entries[place].path.map { (place, bytes($0)) } }
        guard !looks.isEmpty else { return entries }
        let seen = try await session.look(at: looks.map(\.1))
        var gone: Set<Int> = []
        for ((place, _), result) in zip(looks, seen) {
            switch result {
            case .success(let attributes):
                let name = entries[place].name
                let isRepeated = entries[place].isRepeated
                // A link that the listing shows is not made a file by a server that follows it.
                let wasLink = entries[place].kind == .link
                entries[place] = InboxEntry(attributes, directory: directory, name: name)
                entries[place].isRepeated = isRepeated
                if wasLink { entries[place].kind = .link }
            case .failure(.noSuchFile): gone.insert(place)
            case .failure(let failure): if failure.endsSession { throw failure }
            }
        }
        return entries.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
    }

    /// Whether a folder could not be listed because it is not there, or is no folder.
    private func isMissing(
        _ directory: RemotePath,
        _ failure: SFTPFailure,
        _ session: SFTPSession
    ) async throws(SFTPFailure) -> Bool {
        if failure == .noSuchFile { return true }
        // Many servers say the same of everything.
        guard failure.isVague else { return false }
        do throws(SFTPFailure) {
            let kind = try await session.look(at: bytes(directory)).kind
            return kind != nil && kind != .directory
        } catch {
            return error == .noSuchFile
        }
    }

    private struct Source: UploadSource {
        let reader: UploadReader

        func read(at offset: UInt64, upTo count: Int) throws -> [UInt8] {
            try reader.read(at: Int64(clamping: offset), upTo: count)
        }
    }
}

extension InboxEntry {
    fileprivate init(_ seen: FileAttributes, directory: RemotePath, name: RemoteName) {
        let kind: Kind =
            switch seen.kind {
            case .regular: .file
            case .directory: .directory
            case .link: .link
            case .other: .other
            case nil: .unknown
            }
        self.init(
            directory: directory,
            name: name,
            kind: kind,
            size: seen.size.map { Int64(clamping: $0) },
            modified: seen.modified.map { Int64($0) }
        )
    }
}
