import CLinux
import Glibc

/// A file that is there whole or not at all.
enum AtomicFile {
    /// Writes under a temporary name, then renames over what is there.
    ///
    /// - Parameters:
    ///   - bytes: The whole content.
    ///   - name: One component.
    ///   - descriptor: The folder, open.
    ///   - folder: The folder's path, for messages.
    ///   - mode: The file's mode whatever the umask is.
    /// - Throws: ``StateDirectoryFailure``; then what was there is still there.
    static func write(
        _ bytes: [UInt8],
        to name: String,
        in descriptor: Int32,
        folder: String,
        mode: mode_t
    ) throws(StateDirectoryFailure) {
        let temporary = ".\(name).\(getpid()).tmp"
        // Only a process of our own id, long gone, can have left one of this name.
        unlinkat(descriptor, temporary, 0)
        let file = ld_open_at(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw StateDirectoryFailure(path: "\(folder)/\(temporary)", code: errno) }
        let written = writeAll(bytes[...], to: file) && fchmod(file, mode) == 0 && fsync(file) == 0
        var code = errno
        close(file)
        if written {
            if renameat(descriptor, temporary, descriptor, name) == 0, fsync(descriptor) == 0 { return }
            code = errno
        }
        unlinkat(descriptor, temporary, 0)
        throw StateDirectoryFailure(path: "\(folder)/\(name)", code: code)
    }

    /// Writes every byte, however often the system takes only some; `errno` tells why not.
    static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
