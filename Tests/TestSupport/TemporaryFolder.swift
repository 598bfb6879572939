package import Glibc

/// A folder of one test's own; it goes with everything in it when the last reference goes.
package final class TemporaryFolder: Sendable {
    /// The absolute path, without a trailing slash.
    package let path: String

    /// Where syncs cost nothing, for what is tried without the disk: memory, if there is such a place.
    package static let quickest = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp"

    /// Makes the folder below the system's place for temporary files, or another.
    package init(_ purpose: String = "test", in place: String = "/tmp") throws {
        var template = Array("\(place)/ledgerdrop-\(purpose)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(Array(path.utf8CString)) }

    /// The absolute path of something in the folder.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a folder, and those above it, inside this one.
    @discardableResult
    package func makeFolder(_ name: String) throws -> String {
        var made = path
        for part in name.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw SystemError("mkdir \(made)") }
        }
        return made
    }

    /// Writes a whole file; the folder it goes to must exist.
    @discardableResult
    package func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    /// Writes a whole file; the folder it goes to must exist.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o644) throws -> String {
        try write(bytes, toBytes: Array(name.utf8), mode: mode)
        return path(name)
    }

    /// Writes a whole file whose name need not be UTF-8.
    package func write(_ bytes: [UInt8], toBytes name: [UInt8], mode: mode_t = 0o644) throws {
        let file = (Array(path.utf8) + [0x2F] + name + [0]).map { CChar(bitPattern: $0) }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemError("open \(name)") }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            guard wrote > 0 else { throw SystemError("write \(name)") }
            done += wrote
        }
        // The mode asked for, whatever the umask of who runs the tests.
        fchmod(descriptor, mode)
    }

    /// The whole of a file.
    package func read(_ name: String) throws -> [UInt8] {
        try Self.read(path(name))
    }

    /// The whole of a file as text.
    package func text(_ name: String) throws -> String {
        String(decoding: try read(name), as: UTF8.self)
    }

    /// The names in the folder or in one inside it, sorted by their bytes.
    package func names(in folder: String = "") throws -> [String] {
        guard let stream = opendir(path(folder)) else { throw SystemError("opendir \(folder)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes something in the folder, a folder with all that is in it.
    package func remove(_ name: String) { Self.remove(Array(path(name).utf8CString)) }

    /// Whether something of that name lies in the folder.
    package func contains(_ name: String) -> Bool {
        var status = stat()
        return lstat(path(name), &status) == 0
    }

    /// The whole of a file anywhere.
    package static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = Glibc.read(descriptor, &chunk, chunk.count)
            guard got >= 0 else { throw SystemError("read \(path)") }
            if got == 0 { return bytes }
            bytes += chunk[..<got]
        }
    }

    /// Removes a file, or a folder with all that is in it; links are not followed.
    private static func remove(_ path: [CChar]) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    raw.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
                }
                let inner = Array(path.dropLast()) + [0x2F] + name + [0]
                if entry.pointee.d_type != UInt8(DT_DIR) {
                    unlink(inner)
                } else if name != [0x2E], name != [0x2E, 0x2E] {
                    remove(inner)
                }
            }
            closedir(stream)
        }
        rmdir(path)
    }
}
