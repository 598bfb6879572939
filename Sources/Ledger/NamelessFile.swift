import GRDB
import Glibc

/// A file without a name for what a load sets aside: gone with the object, and with the process, whatever happens.
///
/// It lies where SQLite's temporary files lie.
final class NamelessFile {
    private let descriptor: Int32

    /// - Throws: `DatabaseError`, as for any file of the ledger that cannot be written.
    init() throws {
        let folder = getenv("SQLITE_TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder)/load-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Self.failure }
        unlink(path)
        // No program that is started meanwhile shall keep it.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = pwrite(descriptor, start + done, bytes.count - done, off_t(place + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure }
            done += count
        }
    }

    /// Fills `bytes`.
    func read(into bytes: UnsafeMutableRawBufferPointer, at place: Int) throws {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = pread(descriptor, start + done, bytes.count - done, off_t(place + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure }
            done += count
        }
    }

    private static var failure: DatabaseError {
        let isFull = errno == ENOSPC || errno == EDQUOT
        return DatabaseError(
            resultCode: isFull ? .SQLITE_FULL : .SQLITE_IOERR,
            message: "a temporary file: \(String(cString: strerror(errno)))"
        )
    }
}
