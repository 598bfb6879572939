import Ledger

#if canImport(Glibc)
    import Glibc
#endif

/// Reading a file that is only as good as its mode.
enum GuardedFile {
    /// What nobody but the owner may be able to do.
    enum Forbidden {
        /// For what steers us.
        case writing
        /// For secrets.
        case reading
        /// For secrets that systemd has laid down: it lets our group read its own file by way of an ACL.
        case readingByOthers
    }

    /// Reads a whole file.
    ///
    /// - Throws: ``InvalidValue`` with the sentence to show, and with the `chmod` to run when the mode is too wide.
    static func read(
        _ path: String,
        forbidding forbidden: Forbidden,
        upTo limit: Int
    ) throws(InvalidValue) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw InvalidValue("cannot be opened: \(Errno.text)") }
        defer { close(descriptor) }
        guard let status = FileStatus(of: descriptor) else {
            throw InvalidValue("cannot be read: \(Errno.text)")
        }
        guard status.isFile else { throw InvalidValue("is not a file") }
        try check(status, forbidden, path)
        return try readAll(descriptor, upTo: limit)
    }

    private static func check(
        _ status: FileStatus,
        _ forbidden: Forbidden,
        _ path: String
    ) throws(InvalidValue) {
        let shown = DisplayText(path).escaped
        switch forbidden {
        case .writing:
            guard status.rights & 0o022 == 0 else {
                throw InvalidValue("may be changed by others; run: chmod go-w \(shown)")
            }
        case .reading:
            guard status.rights & 0o077 == 0 else {
                throw InvalidValue("may be read by others; run: chmod 600 \(shown)")
            }
            guard status.user == geteuid() || status.user == 0 else {
                throw InvalidValue("belongs to another user")
            }
        case .readingByOthers:
            let isSystems = status.user == 0 && geteuid() != 0
            guard status.rights & (isSystems ? 0o007 : 0o077) == 0 else {
                throw InvalidValue("may be read by others; run: chmod 600 \(shown)")
            }
        }
    }

    private static func readAll(_ descriptor: Int32, upTo limit: Int) throws(InvalidValue) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw InvalidValue("cannot be read: \(Errno.text)") }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else { throw InvalidValue("is larger than \(limit) bytes") }
            bytes += buffer[..<count]
        }
    }
}

/// The last system call's error.
enum Errno {
    /// In the system's words.
    static var text: String { text(errno) }

    /// An `errno` that was kept, in the system's words.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
