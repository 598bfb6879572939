import CLinux
import Glibc

/// A folder of this machine, reached name by name: no link is ever followed, neither at the end of a path nor on it.
///
/// Every call blocks its thread.
struct LocalFolder: Sendable {
    /// The absolute path; it is the operator's and may have links in it.
    let path: String

    /// An open file that closes itself.
    final class Opened: Sendable {
        let number: CInt

        init(_ number: CInt) { self.number = number }

        deinit { close(number) }
    }

    /// Lists one folder; `nil` when it is not there, or is no folder.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - budget: How many names and bytes of names may still come; what came is taken off.
    ///   - progress: Told of each name.
    /// - Returns: The entries, without `.` and `..`.
    /// - Throws: Why the folder could not be listed.
    func list(
        _ directory: RemotePath,
        budget: inout (names: Int, bytes: Int),
        progress: BlockingWork.Progress
    ) throws(InboxFailure) -> [InboxEntry]? {
        let folder: Opened
        do throws(InboxFailure) {
            folder = try open(directory)
        } catch {
            if error == .gone { return nil }
            throw error
        }
        let copy = dup(folder.number)
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw Self.failure("list \(directory)")
        }
        defer { closedir(stream) }
        var entries: [InboxEntry] = []
        while let listed = readdir(stream) {
            let name = withUnsafeBytes(of: &listed.pointee.d_name) { raw in
                RemoteName(Array(raw.prefix { $0 != 0 }))
            }
            if name.bytes == [0x2E] || name.bytes == [0x2E, 0x2E] { continue }
            try progress.step()
            budget.names -= 1
            budget.bytes -= name.bytes.count
            guard budget.names >= 0, budget.bytes >= 0 else { throw .tooManyEntries }
            // What has gone since is no entry any more.
            if let entry = try look(at: name, in: folder, directory) { entries.append(entry) }
        }
        return entries
    }

    /// Looks at one entry; `nil` when it is not there.
    func look(at path: RemotePath) throws(InboxFailure) -> InboxEntry? {
        guard let name = path.name else { return nil }
        do throws(InboxFailure) {
            return try look(at: name, in: try open(path.parent), path.parent)
        } catch {
            if error == .gone { return nil }
            throw error
        }
    }

    /// Copies a file to a sink, if it is and stays the one of `entry`.
    func read(
        _ entry: InboxEntry,
        into sink: some ByteSink,
        progress: BlockingWork.Progress
    ) throws(InboxFailure) {
        // Not blocking: nobody may have the other end of what has become a pipe.
        let file = try open(entry.name, in: try open(entry.directory), O_RDONLY | O_NONBLOCK)
        let before = try Self.status(file)
        let seen = InboxEntry(before, directory: entry.directory, name: entry.name)
        guard seen.isUnchanged(since: entry) || entry.size == nil && seen.kind == .file else {
            throw .changed
        }
        let size = Int64(before.st_size)
        var offset: Int64 = 0
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            try progress.step()
            // One byte beyond the end tells whether there is more.
            let wanted = Int(min(Int64(piece.count), size - offset + 1))
            let got = pread(file.number, &piece, wanted, off_t(offset))
            guard got >= 0 else { throw Self.failure("read \(entry.name)") }
            if got == 0 { break }
            guard offset + Int64(got) <= size else { throw .changed }
            do {
                try sink.write(piece.span.bytes.extracting(0..<got), at: offset)
            } catch {
                throw .sinkFailed("\(error)")
            }
            offset += Int64(got)
            // From now on the copy is read; the cache is better used for that.
            if offset & 0x3F_FFFF == 0 {
                _ = posix_fadvise(file.number, 0, off_t(offset), POSIX_FADV_DONTNEED)
            }
        }
        let after = try Self.status(file)
        guard offset == size, after.st_size == before.st_size, after.st_mtim.tv_sec == before.st_mtim.tv_sec,
            after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
        else { throw .changed }
    }

    /// Renames a file, never over another.
    func rename(_ old: RemotePath, to new: RemotePath) throws(InboxFailure) {
        let (from, to) = (try open(old.parent), try open(new.parent))
        guard let name = old.name, let target = new.name else { throw .other("the inbox itself") }
        guard ld_rename_new(from.number, name.terminated, to.number, target.terminated) == 0 else {
            throw Self.failure("rename \(old)")
        }
    }

    /// Deletes a file.
    func delete(_ path: RemotePath) throws(InboxFailure) {
        let folder = try open(path.parent)
        guard let name = path.name, unlinkat(folder.number, name.terminated, 0) == 0 else {
            throw Self.failure("delete \(path)")
        }
    }

    /// Makes one folder.
    func makeFolder(_ path: RemotePath) throws(InboxFailure) {
        let folder = try open(path.parent)
        guard let name = path.name, mkdirat(folder.number, name.terminated, 0o777) == 0 else {
            throw Self.failure("make \(path)")
        }
    }

    /// Writes a file under a temporary name, to the disk, and renames it.
    func put(
        _ reader: UploadReader,
        to destination: RemotePath,
        through temporary: RemotePath,
        progress: BlockingWork.Progress
    ) throws(InboxFailure) {
        let folder = try open(destination.parent)
        guard let name = temporary.name, temporary.parent == destination.parent else {
            throw .other("another folder")
        }
        // The rest of an attempt that was interrupted.
        unlinkat(folder.number, name.terminated, 0)
        do throws(InboxFailure) {
            let file = try open(name, in: folder, O_WRONLY | O_CREAT | O_EXCL, 0o666)
            var offset: Int64 = 0
            while case let piece = try reader.read(at: offset, upTo: 256 << 10), !piece.isEmpty {
                try progress.step()
                let wrote = pwrite(file.number, piece, piece.count, off_t(offset))
                guard wrote > 0 else { throw Self.failure("write \(destination)") }
                offset += Int64(wrote)
            }
            guard fsync(file.number) == 0 else { throw Self.failure("write \(destination)") }
            try rename(temporary, to: destination)
        } catch {
            unlinkat(folder.number, name.terminated, 0)
            throw error
        }
        guard fsync(folder.number) == 0 else { throw Self.failure("write \(destination)") }
    }

    /// Opens a folder of the inbox.
    private func open(_ directory: RemotePath) throws(InboxFailure) -> Opened {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .unreachable("\(path): \(String(cString: strerror(errno)))") }
        var folder = Opened(number)
        for name in directory.names { folder = try open(name, in: folder, O_RDONLY | O_DIRECTORY) }
        return folder
    }

    private func open(
        _ name: RemoteName,
        in folder: Opened,
        _ flags: CInt,
        _ mode: mode_t = 0
    ) throws(InboxFailure) -> Opened {
        guard !name.isHostile else { throw .other("a hostile name") }
        let number = ld_open_at(folder.number, name.terminated, flags, mode)
        guard number >= 0 else {
            // Something else than what we mean has this name: what we mean is not there.
            if errno == ELOOP || errno == ENOTDIR { throw .gone }
            throw Self.failure("open \(name)")
        }
        return Opened(number)
    }

    private func look(
        at name: RemoteName,
        in folder: Opened,
        _ directory: RemotePath
    ) throws(InboxFailure) -> InboxEntry? {
        var status = stat()
        guard fstatat(folder.number, name.terminated, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let failure = Self.failure("look at \(name)")
            if failure == .gone { return nil }
            throw failure
        }
        return InboxEntry(status, directory: directory, name: name)
    }

    private static func status(_ file: Opened) throws(InboxFailure) -> stat {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw failure("look at an open file") }
        return status
    }

    /// What `errno` means; asked for directly after the call that failed.
    private static func failure(_ call: String) -> InboxFailure {
        let words = "\(call): \(String(cString: strerror(errno)))"
        return switch errno {
        case ENOENT: .gone
        case EEXIST, ENOTEMPTY: .targetTaken
        case EACCES, EPERM, EROFS: .permission(words)
        case EIO, ESTALE, ENXIO, ENODEV, ENOTCONN, EHOSTDOWN: .unreachable(words)
        default: .other(words)
        }
    }
}

extension RemoteName {
    /// For calls of the system; a hostile name never gets there.
    fileprivate var terminated: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

extension InboxEntry {
    fileprivate init(_ status: stat, directory: RemotePath, name: RemoteName) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        self.init(
            directory: directory,
            name: name,
            kind: kind,
            size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec)
        )
    }
}
