import GRDB
import Glibc
import TestSupport

/// What lies on the disk at one moment.
enum DiskImage {
    /// Copies a state directory, as a process leaves it that is killed now.
    static func take(of state: String, as image: String) throws {
        guard mkdir(image, 0o750) == 0 || errno == EEXIST else { throw SystemError("mkdir \(image)") }
        for name in try names(in: state) {
            let (from, to) = ("\(state)/\(name)", "\(image)/\(name)")
            var status = stat()
            // What is on its way into the spool may be gone by now.
            guard lstat(from, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try take(of: from, as: to)
            } else if !name.hasSuffix("-shm"), name != "lock", let bytes = try? TemporaryFolder.read(from) {
                try write(bytes, to: to)
            }
        }
    }

    /// Takes back copies in the spool of which nobody has committed that they are there: their names may be lost.
    static func forgetUnsynced(in image: String) throws {
        // Whoever died at once has not made it yet.
        guard access("\(image)/spool", F_OK) == 0 else { return }
        let received = try DatabaseQueue(path: "\(image)/ledger.sqlite").read { db in
            try String.fetchSet(db, sql: "SELECT sha256 FROM file WHERE sha256 IS NOT NULL")
        }
        for name in try names(in: "\(image)/spool") where !received.contains(name) {
            unlink("\(image)/spool/\(name)")
        }
    }

    private static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw SystemError("opendir \(folder)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw SystemError("write \(path)")
        }
    }
}
