import Glibc

/// Our copies of customers' files, named by the SHA-256 of their bytes.
///
/// A copy is written under a temporary name, synced and renamed; after ``makeDurable()`` its name survives a power loss
/// as well. The same bytes are kept once.
package struct Spool: Sendable {
    package let folder: String

    /// Opens the spool, and makes its folder where it is missing.
    package init(folder: String) throws {
        guard mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw SpoolFailure.last("mkdir") }
        self.folder = folder
    }

    /// Where the copy of these bytes lies, if it is kept.
    package func path(of sha256: String) -> String { "\(folder)/\(sha256)" }

    /// Whether the copy of these bytes is kept.
    package func holds(_ sha256: String) -> Bool {
        var status = stat()
        return sha256.utf8.count == 64 && lstat(path(of: sha256), &status) == 0
    }

    /// A new, empty copy for a file of that size.
    ///
    /// Throws ``SpoolFailure/full`` when less than `reserve` bytes would stay free on the disk.
    /// `progress` is told now and then how many bytes have come.
    package func makeCopy(
        size: Int64?,
        reserve: Int64,
        progress: (@Sendable (Int64) -> Void)? = nil
    ) throws -> SpoolCopy {
        guard try freeBytes() - (size ?? 0) >= reserve else { throw SpoolFailure.full }
        return try SpoolCopy(folder: folder, twin: twin(size: size), progress: progress)
    }

    /// Files below this size are faster hashed than looked for.
    private static let leastTwin: Int64 = 4 << 20

    /// The newest kept copy of that size, open: a customer whose data did not change drops the same bytes again.
    private func twin(size: Int64?) throws -> SpoolCopy.Twin? {
        guard let size, size >= Self.leastTwin else { return nil }
        var newest: (sha256: String, time: timespec)?
        for name in try copies() {
            var status = stat()
            guard lstat(path(of: name), &status) == 0, Int64(status.st_size) == size else { continue }
            let time = status.st_mtim
            if let newest, (newest.time.tv_sec, newest.time.tv_nsec) > (time.tv_sec, time.tv_nsec) {
                continue
            }
            newest = (name, time)
        }
        guard let newest else { return nil }
        let descriptor = open(path(of: newest.sha256), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        return SpoolCopy.Twin(sha256: newest.sha256, size: size, descriptor: descriptor)
    }

    /// Keeps a whole copy under its hash.
    ///
    /// Its name is durable after the next ``makeDurable()``.
    package func keep(_ copy: SpoolCopy) throws -> (sha256: String, size: Int64) {
        let (sha256, size, isKept) = try copy.finish()
        if isKept { return (sha256, size) }
        guard rename(copy.path, path(of: sha256)) == 0 else { throw SpoolFailure.last("rename") }
        return (sha256, size)
    }

    /// Makes the names of all copies kept so far survive a power loss.
    package func makeDurable() throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SpoolFailure.last("open") }
        defer { close(descriptor) }
        guard fdatasync(descriptor) == 0 else { throw SpoolFailure.last("fdatasync") }
    }

    /// What the disk has left for us.
    package func freeBytes() throws -> Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw SpoolFailure.last("statvfs") }
        let (bytes, isOver) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return isOver ? .max : bytes
    }

    /// The hashes of all copies.
    package func copies() throws -> [String] {
        try names().filter { $0.utf8.count == 64 }
    }

    /// A place for something of our own that need not outlive the process; ``removeLeftovers()`` clears it.
    package func leftoverPath(_ name: String) -> String { "\(folder)/\(SpoolCopy.prefix)\(name)" }

    /// Removes what an interrupted fetch left; nothing may be fetching.
    package func removeLeftovers() throws {
        for name in try names() where name.hasPrefix(SpoolCopy.prefix) { unlink("\(folder)/\(name)") }
    }

    /// Removes a copy; one that is not there is a success.
    package func remove(_ sha256: String) throws {
        guard unlink(path(of: sha256)) == 0 || errno == ENOENT else { throw SpoolFailure.last("unlink") }
    }

    private func names() throws -> [String] {
        guard let stream = opendir(folder) else { throw SpoolFailure.last("opendir") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }
}

/// Why the spool did not do what it was asked.
package enum SpoolFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The disk has no room for more.
    case full
    /// A call to the system failed with that `errno`.
    case io(String, Int32)
    /// Bytes are missing in the middle.
    case incomplete

    static func last(_ call: String) -> SpoolFailure {
        errno == ENOSPC || errno == EDQUOT ? .full : .io(call, errno)
    }

    package var description: String {
        switch self {
        case .full: "the disk is full"
        case .io(let call, let number): "\(call): \(String(cString: strerror(number)))"
        case .incomplete: "bytes are missing"
        }
    }
}
