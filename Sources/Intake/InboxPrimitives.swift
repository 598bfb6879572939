/// An inbox in terms of single steps, from which moving, removing and uploading are made the same way for all kinds.
///
/// A step that may or may not have been done throws ``InboxFailure/uncertain(_:)``; the algorithms then look.
protocol InboxPrimitives: Inbox {
    /// Renames a file; MUST NOT overwrite if the place can promise that.
    ///
    /// A missing folder, of either end, is ``InboxFailure/gone``.
    func rename(_ old: RemotePath, to new: RemotePath) async throws(InboxFailure)

    /// Deletes a file; one that is not there is ``InboxFailure/gone``.
    func delete(_ path: RemotePath) async throws(InboxFailure)

    /// Makes one folder.
    func makeFolder(_ path: RemotePath) async throws(InboxFailure)

    /// Writes a file under the name `temporary`, replacing what has that name, and renames it.
    func put(
        _ contents: UploadContents,
        to destination: RemotePath,
        through temporary: RemotePath
    ) async throws(InboxFailure)
}

extension InboxPrimitives {
    package func move(_ entry: InboxEntry, to destination: RemotePath) async throws(InboxFailure) {
        guard let source = entry.path else { throw .other("a hostile name cannot be moved") }
        guard source != destination else { return }
        var refusal = InboxFailure.uncertain("\(source): not moved")
        for _ in 0..<3 {
            let seen = try await look(at: [destination, source])
            let (there, here) = (seen[0], seen[1])
            let isHere = here?.isUnchanged(since: entry) ?? false
            // It has been moved before, whatever has come to its old place since.
            if !isHere, there?.isUnchanged(since: entry) == true { return }
            guard here != nil else { throw .gone }
            guard isHere else { throw .changed }
            guard there == nil else { throw .targetTaken }
            do throws(InboxFailure) {
                try await rename(source, to: destination)
            } catch {
                guard error.isWorthALook else { throw error }
                refusal = error
                // Servers say "no such file" or only "failure" of a missing folder.
                if try await look(at: destination.parent) == nil {
                    try await makeDirectory(destination.parent)
                }
                continue
            }
            guard let landed = try await look(at: destination) else { continue }
            if landed.isUnchanged(since: entry) { return }
            // The sender replaced the file while we moved it: this is a new file.
            try await putBack(destination, to: source)
            throw .changed
        }
        throw refusal
    }

    package func remove(_ entry: InboxEntry) async throws(InboxFailure) {
        guard let source = entry.path, let aside = source.ours("remove") else {
            throw .other("a hostile name cannot be removed")
        }
        var refusal = InboxFailure.uncertain("\(source): not removed")
        for _ in 0..<4 {
            // Under a name of ours nobody replaces it between the look and the removal.
            if let taken = try await look(at: aside) {
                guard taken.isUnchanged(since: entry) else {
                    try await putBack(aside, to: source)
                    throw .changed
                }
                do throws(InboxFailure) {
                    return try await delete(aside)
                } catch {
                    guard error.isWorthALook else { throw error }
                    refusal = error
                    continue
                }
            }
            guard let here = try await look(at: source) else { return }
            guard here.isUnchanged(since: entry) else { throw .changed }
            do throws(InboxFailure) {
                try await rename(source, to: aside)
            } catch {
                guard error.isWorthALook else { throw error }
                refusal = error
            }
        }
        throw refusal
    }

    package func upload(_ contents: UploadContents, to destination: RemotePath) async throws(InboxFailure) {
        guard let temporary = destination.ours("upload") else {
            throw .other("no file can be the inbox itself")
        }
        var refusal = InboxFailure.uncertain("\(destination): not written")
        for _ in 0..<3 {
            if let there = try await look(at: destination) {
                guard try await holds(there, contents) else { throw .targetTaken }
                return
            }
            do throws(InboxFailure) {
                return try await put(contents, to: destination, through: temporary)
            } catch {
                guard error.isWorthALook else { throw error }
                refusal = error
                if try await look(at: destination.parent) == nil {
                    try await makeDirectory(destination.parent)
                }
            }
        }
        throw refusal
    }

    package func makeDirectory(_ path: RemotePath) async throws(InboxFailure) {
        // A link to a folder serves as one, if the place follows it.
        func isThere() async throws(InboxFailure) -> Bool {
            let kind = try await look(at: path)?.kind
            return kind == .directory || kind == .link
        }
        guard path != .root, try await !isThere() else { return }
        try await makeDirectory(path.parent)
        do throws(InboxFailure) {
            try await makeFolder(path)
        } catch {
            guard error.isWorthALook, try await isThere() else { throw error }
        }
    }

    /// Whether a file has just these bytes.
    private func holds(_ entry: InboxEntry, _ contents: UploadContents) async throws(InboxFailure) -> Bool {
        let reader = try UploadReader(contents)
        guard entry.kind == .file, entry.size == nil || entry.size == reader.size else { return false }
        var isSame = false
        try await fetch([entry]) { _ in
            ComparingSink(reader: reader)
        } finished: { _, result in
            if case .success(let sink) = result { isSame = sink.compared == reader.size }
        }
        return isSame
    }

    /// Puts a file that is not ours to move back, under its own name or a free one.
    private func putBack(_ path: RemotePath, to original: RemotePath) async throws(InboxFailure) {
        for number in 0...20 {
            guard let free = original.numbered(number), try await look(at: free) == nil else { continue }
            do throws(InboxFailure) {
                return try await rename(path, to: free)
            } catch {
                guard error.isWorthALook else { throw error }
                if try await look(at: path) == nil { return }
            }
        }
        throw .uncertain("\(path): a file that was replaced could not be put back")
    }
}

extension InboxFailure {
    /// Whether looking again tells more than this does.
    fileprivate var isWorthALook: Bool {
        switch self {
        case .gone, .targetTaken, .uncertain, .other: true
        case .unreachable, .hostKeyMismatch, .authRefused, .protocolError, .tooManyEntries, .permission,
            .changed,
            .timedOut, .sinkFailed, .cancelled:
            false
        }
    }
}

extension RemotePath {
    /// The name under which we keep a file for a moment, beside it.
    ///
    /// It is always the same for the same file, so that the rest of an interrupted attempt is found, and it is among
    /// those that no listing takes for a customer's file.
    fileprivate func ours(_ purpose: String) -> RemotePath? {
        guard let name else { return nil }
        // FNV-1a: short names of equal length, whatever the file is called.
        let hash = name.bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return parent.appending(RemoteName(".ledgerdrop-\(purpose)-\(String(hash, radix: 16)).part"))
    }

    /// The same path for 0, else with a number before the extension.
    fileprivate func numbered(_ number: Int) -> RemotePath? {
        guard number > 0, let name else { return self }
        let dot = name.bytes.lastIndex(of: 0x2E) ?? name.bytes.endIndex
        let inserted = Array(".put-back-\(number)".utf8)
        return parent.appending(RemoteName(name.bytes[..<dot] + inserted + name.bytes[dot...]))
    }
}
