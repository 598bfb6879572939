import CLinux
import Foundation
import Glibc
import Ledger

/// The lock that makes a process the only one to change a drop's ledger on this host.
///
/// It hangs on an open file description and is released by the kernel, whatever becomes of the process. The text in the
/// file only names the holder to others; nothing relies on it.
package final class KernelLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock `state_directory/lock`, without waiting.
    ///
    /// - Parameters:
    ///   - directory: The drop's state directory.
    ///   - purpose: What the holder does, for whoever finds the lock taken: `run`, `poll`.
    /// - Throws: ``LockRefused`` when another process holds it, ``StateDirectoryFailure`` when it cannot be made.
    package init(in directory: StateDirectory, for purpose: String) throws {
        descriptor = try directory.open("lock", flags: O_RDWR | O_CREAT)
        guard ld_lock_description(descriptor) == 0 else {
            // The object is whole by now: what is thrown ends it, and its end closes the file.
            let code = errno
            let holder = Self.holder(descriptor)
            guard code == EAGAIN || code == EACCES else {
                throw StateDirectoryFailure(path: directory.path(of: "lock"), code: code)
            }
            throw LockRefused(holder: holder)
        }
        let since = Date.now.formatted(.iso8601)
        let text = "process \(getpid()) (\(purpose)) on \(ProcessInfo.processInfo.hostName) since \(since)\n"
        if ftruncate(descriptor, 0) == 0 { _ = AtomicFile.writeAll(Array(text.utf8)[...], to: descriptor) }
    }

    deinit {
        // Closing alone is not enough: a child between fork and exec still has its copy of the description.
        _ = ld_unlock_description(descriptor)
        close(descriptor)
    }

    /// Says who holds the drop's lock, without touching it; `nil`: nobody.
    package static func holder(in directory: String) -> String? {
        let file = Glibc.open("\(directory)/lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return ld_is_locked(file) == 1 ? holder(file) : nil
    }

    private static func holder(_ file: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 255)
        let count = pread(file, &buffer, buffer.count, 0)
        let line = buffer.prefix(max(0, count)).prefix { $0 != 0x0A }
        return line.isEmpty ? "another process" : DisplayText(bytes: line).escaped
    }
}

/// Another process holds the drop.
package struct LockRefused: Error, Sendable, CustomStringConvertible {
    /// As the holder wrote it down.
    package let holder: String

    package var description: String { "the drop is held by \(holder)" }
}
