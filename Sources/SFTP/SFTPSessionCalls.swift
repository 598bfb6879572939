import Threads

extension SFTPSession {
    /// Connects and logs in.
    ///
    /// - Throws: Why there is no session; nothing is left of the attempt then. No credential was sent unless the
    ///   server's key was one that was agreed on.
    package static func connect(_ endpoint: SFTPEndpoint) async throws(SFTPFailure) -> SFTPSession {
        let policy = try AlgorithmPolicy(adding: endpoint.extraAlgorithms)
        let session = SFTPSession(endpoint)
        try await session.withinConnectTimeout { session, deadline throws(SFTPFailure) in
            try session.open(policy, until: deadline)
        }
        return session
    }

    /// Does what blocks the session's thread, and cuts the connection when it takes too long or nobody wants it.
    nonisolated func withinConnectTimeout<Value: Sendable>(
        _ work:
            @escaping @Sendable (isolated SFTPSession, ContinuousClock.Instant) throws(SFTPFailure) -> Value
    ) async throws(SFTPFailure) -> Value {
        let deadline = ContinuousClock.now + endpoint.connectTimeout
        let result = await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [cutoff, endpoint] in
                    // Ends early only by cancellation: then the connection has come about, or has failed.
                    guard (try? await Task.pause(for: deadline - .now)) != nil else { return }
                    cutoff.cut(.unreachable("\(endpoint.host): no session within \(endpoint.connectTimeout)"))
                }
                let result = await attempt(work, until: deadline)
                group.cancelAll()
                return result
            }
        } onCancel: {
            cutoff.cut(.cancelled)
        }
        let value = try result.get()
        if let failure = cutoff.failure {
            await close()
            throw failure
        }
        return value
    }

    private func attempt<Value: Sendable>(
        _ work: @Sendable (isolated SFTPSession, ContinuousClock.Instant) throws(SFTPFailure) -> Value,
        until deadline: ContinuousClock.Instant
    ) -> Result<Value, SFTPFailure> {
        do throws(SFTPFailure) {
            return .success(try work(self, deadline))
        } catch {
            return .failure(error)
        }
    }

    /// Lists folders, all at once.
    ///
    /// - Parameters:
    ///   - paths: The folders.
    ///   - names: How many names they may have together.
    ///   - bytes: How many bytes these names may have together.
    /// - Returns: For each folder its entries, `.` and `..` among them, or why it could not be listed.
    /// - Throws: What ended the session, or the cancellation.
    package func list(
        _ paths: [[UInt8]],
        names: Int = 200_000,
        bytes: Int = 64 << 20
    ) async throws(SFTPFailure) -> [Result<[ListedName], SFTPFailure>] {
        let budget = Listing.Budget(names: names, bytes: bytes)
        return try await all(
            paths.map { path in { Listing(id: $0, path: path, budget: budget, whenDone: $1) } },
            holdsHandle: true
        )
    }

    /// Looks at files, without following links, all at once.
    ///
    /// - Returns: For each what the server says of it, or why it says nothing.
    /// - Throws: What ended the session, or the cancellation.
    package func look(
        at paths: [[UInt8]]
    ) async throws(SFTPFailure) -> [Result<FileAttributes, SFTPFailure>] {
        let replies: [Result<SFTPReply, SFTPFailure>] = try await all(
            paths.map { path in { SingleRequest(id: $0, .lookAt(path: path), whenDone: $1) } },
            holdsHandle: false
        )
        return replies.map { $0.map(\.attributes) }
    }

    /// Looks at one file, without following a link.
    package func look(at path: [UInt8]) async throws(SFTPFailure) -> FileAttributes {
        try await request(.lookAt(path: path)).attributes
    }

    /// Copies a whole file to a sink.
    ///
    /// Reads at most one byte more than the expected size.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - expected: Its size and time as they were listed; what is missing is not compared.
    ///   - sink: Takes every byte once, in any order.
    /// - Returns: What the server said of the file after the last byte was read.
    /// - Throws: ``SFTPFailure/changed`` when the bytes or the attributes are not those expected. After any failure the
    ///   sink holds an unknown part of the file.
    @discardableResult
    package func download(
        _ path: [UInt8],
        expecting expected: FileAttributes = FileAttributes(),
        into sink: any DownloadSink
    ) async throws(SFTPFailure) -> FileAttributes {
        try await perform(holdsHandle: true) {
            Download(id: $0, path: path, expected: expected, sink: sink, whenDone: $1)
        }
    }

    /// Writes a new file under a temporary name, to the server's disk where it offers that, and renames it.
    ///
    /// A file that already has the temporary name is taken for the rest of an earlier attempt and removed. One that
    /// has the final name is left as it is, if the server keeps to the protocol.
    ///
    /// - Throws: What the server said. The temporary file is removed as far as that is possible.
    package func upload(
        _ source: any UploadSource,
        to path: [UInt8],
        through temporary: [UInt8]
    ) async throws(SFTPFailure) {
        let handle = try await openNew(temporary)
        do throws(SFTPFailure) {
            let written: UInt64 = try await perform {
                Upload(id: $0, handle: handle, source: source, whenDone: $1)
            }
            if codec.extensions.contains("fsync@openssh.com") {
                try await request(.synchronize(handle: handle))
            }
            let size = try await request(.lookAtHandle(handle)).attributes.size
            guard size == nil || size == written else { throw .changed }
        } catch {
            closeHandle(handle)
            post(.remove(path: temporary))
            throw error
        }
        do throws(SFTPFailure) {
            // Some servers find out only now that the disk is full.
            defer { releaseHandle() }
            try await request(.close(handle: handle))
        } catch {
            post(.remove(path: temporary))
            throw error
        }
        do throws(SFTPFailure) {
            try await rename(temporary, to: path)
        } catch {
            post(.remove(path: temporary))
            throw error
        }
    }

    /// Renames a file; servers that keep to the protocol never overwrite another by it.
    package func rename(_ old: [UInt8], to new: [UInt8]) async throws(SFTPFailure) {
        try await request(.rename(from: old, to: new))
    }

    /// Removes a file.
    package func remove(_ path: [UInt8]) async throws(SFTPFailure) {
        try await request(.remove(path: path))
    }

    /// Makes one folder.
    package func makeFolder(_ path: [UInt8]) async throws(SFTPFailure) {
        try await request(.makeFolder(path: path))
    }

    /// Opens a file that must be new, and counts it among the open ones.
    private func openNew(_ path: [UInt8]) async throws(SFTPFailure) -> [UInt8] {
        let flags: SFTPRequest.OpenFlags = [.write, .create, .exclusive]
        let reply: SFTPReply
        do throws(SFTPFailure) {
            reply = try await request(.open(path: path, flags: flags))
        } catch {
            guard error == .alreadyExists || error.isVague else { throw error }
            // The rest of an earlier attempt, perhaps: without it the second try tells the truth.
            do throws(SFTPFailure) { try await remove(path) } catch { if error.endsSession { throw error } }
            reply = try await request(.open(path: path, flags: flags))
        }
        guard case .handle(let handle) = reply else { throw .protocolError("no handle") }
        countHandle()
        return handle
    }

    @discardableResult
    private func request(_ request: SFTPRequest) async throws(SFTPFailure) -> SFTPReply {
        try await perform { SingleRequest(id: $0, request, whenDone: $1) }
    }

    private func all<Value: Sendable>(
        _ parts: [Batch<Value>.Part],
        holdsHandle: Bool
    ) async throws(SFTPFailure) -> [Result<Value, SFTPFailure>] {
        if parts.isEmpty { return [] }
        return try await perform { Batch(id: $0, holdsHandle: holdsHandle, parts: parts, whenDone: $1) }
    }
}

extension SFTPReply {
    /// The codec has seen to it that a look is answered with attributes.
    fileprivate var attributes: FileAttributes {
        if case .attributes(let attributes) = self { attributes } else { FileAttributes() }
    }
}

extension SFTPFailure {
    /// Whether the server only said that it did not do it, as most do of a name that is taken.
    package var isVague: Bool {
        if case .refused(let code, _) = self { code == 4 } else { false }
    }
}
