import GRDB
import Glibc

/// A file without a name for what a load sets aside: gone with the object, and with the process, whatever happens.
///
/// It lies where SQLite's temporary files lie.
package final class NamelessFile {
    private let descriptor: Int32

    /// - Throws: `DatabaseError`, as for any file of the ledger that cannot be written.
    package init() throws {
        // As SQLite does, one after the other: a folder that is named may be gone.
        let folders = [
            Self.folder("SQLITE_TMPDIR"), Self.folder("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp",
        ]
        var path: [CChar] = []
        var opened: Int32 = -1
        for case let folder? in folders {
            // mkstemp(3) wants six of these at the end, and finds a name for them.
            path = Array("\(folder)/load-\(String(repeating: "X", count: 6))".utf8CString)
            opened = mkstemp(&path)
            if opened >= 0 || errno != ENOENT { break }
        }
        descriptor = opened
        guard descriptor >= 0 else { throw Self.failure }
        unlink(path)
        // No program that is started meanwhile shall keep it.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    private static func folder(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    package func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws {
        try inPieces(bytes.count) { done in
            pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
        }
    }

    /// Fills `bytes`.
    package func read(into bytes: UnsafeMutableRawBufferPointer, at place: Int) throws {
        try inPieces(bytes.count) { done in
            pread(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
        }
    }

    /// Calls `move` with how much is done until all is; it returns how much more.
    private func inPieces(_ count: Int, _ move: (Int) -> Int) throws {
        var done = 0
        while done < count {
            let moved = move(done)
            if moved < 0, errno == EINTR { continue }
            guard moved > 0 else { throw Self.failure }
            done += moved
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
