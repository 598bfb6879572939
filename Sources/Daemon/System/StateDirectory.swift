import CLinux
import Foundation
import Glibc
import Ledger

/// The one folder that a drop writes to: ledger, spool, log, requests.
///
/// Everything in it is opened below a descriptor of the folder and never through a link, with names of our own, so
/// that nobody who can make links elsewhere can lead us out of it.
package final class StateDirectory: Sendable {
    /// The folder's own mode: our group may look for the ledger in it.
    static let mode: mode_t = 0o750

    package let path: String
    private let descriptor: Int32

    /// Opens the folder, and makes it, and what leads to it, when it is not there.
    ///
    /// - Throws: ``StateDirectoryFailure``.
    package init(path: String) throws(StateDirectoryFailure) {
        self.path = path
        try Self.make(path)
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StateDirectoryFailure(path: path, code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Where something of ours lies; `name` is never anything but a constant of ours.
    package func path(of name: String) -> String { "\(path)/\(name)" }

    /// Opens a file of the folder; a new one gets mode 0600.
    ///
    /// - Parameters:
    ///   - name: Relative to the folder, one component.
    ///   - flags: As of `open(2)`.
    /// - Returns: A descriptor that the caller closes.
    /// - Throws: ``StateDirectoryFailure``; with `ELOOP` when a link lies there.
    func open(_ name: String, flags: Int32) throws(StateDirectoryFailure) -> Int32 {
        let file = ld_open_at(descriptor, name, flags, 0o600)
        guard file >= 0 else { throw StateDirectoryFailure(path: self.path(of: name), code: errno) }
        return file
    }

    /// Makes a folder in it, mode 0700, if it is not there.
    ///
    /// - Returns: Its path.
    @discardableResult
    package func folder(_ name: String) throws(StateDirectoryFailure) -> String {
        let path = path(of: name)
        if mkdirat(descriptor, name, 0o700) == 0 {
            // What is made durable in it would go with its name in a power loss.
            guard fsync(descriptor) == 0 else { throw StateDirectoryFailure(path: path, code: errno) }
        } else if errno != EEXIST {
            throw StateDirectoryFailure(path: path, code: errno)
        }
        let folder = ld_open_at(descriptor, name, O_RDONLY | O_DIRECTORY, 0)
        guard folder >= 0 else { throw StateDirectoryFailure(path: path, code: errno) }
        close(folder)
        return path
    }

    /// Writes a file whole or not at all: temporary name, fsync, rename, fsync of the folder.
    ///
    /// `name` is one component; what lies there is replaced. `mode` counts whatever the umask is.
    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws(StateDirectoryFailure) {
        try AtomicFile.write(bytes, to: name, in: descriptor, folder: path, mode: mode)
    }

    private static func make(_ path: String) throws(StateDirectoryFailure) {
        if mkdir(path, mode) == 0 {
            // The umask of the unit would take the group's right to enter.
            guard chmod(path, mode) == 0 else { throw StateDirectoryFailure(path: path, code: errno) }
            return try makeDurable(path)
        }
        guard errno != EEXIST else { return }
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard errno == ENOENT, parent != path else { throw StateDirectoryFailure(path: path, code: errno) }
        try make(parent)
        try make(path)
    }
}

extension StateDirectory {
    /// Makes the name of a new folder survive a power loss.
    private static func makeDurable(_ path: String) throws(StateDirectoryFailure) {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let folder = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StateDirectoryFailure(path: parent, code: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw StateDirectoryFailure(path: parent, code: errno) }
    }
}

/// Why the state directory cannot be used.
package struct StateDirectoryFailure: Error, Sendable, CustomStringConvertible {
    package let path: String
    /// The `errno` of the call that failed.
    package let code: Int32

    package var description: String { "\(DisplayText(path, limit: 4096).escaped): \(Errno.text(code))" }
}
