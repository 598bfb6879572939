import Glibc

extension Spool {
    /// What a copy's bytes are now, read anew.
    package struct Measure: Sendable, Equatable {
        package let sha256: String
        package let size: Int64
    }

    /// How many bytes a copy has; `nil` when it is not there.
    package func size(of sha256: String) -> Int64? {
        var status = stat()
        return lstat(path(of: sha256), &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Reads a copy and says what its bytes are; `nil` when it is not there.
    ///
    /// Blocks. Throws ``SpoolFailure`` when it cannot be read.
    package func measure(_ sha256: String) throws -> Measure? {
        let descriptor = open(path(of: sha256), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw SpoolFailure.last("open") }
            return nil
        }
        defer { close(descriptor) }
        var digest = try Digest()
        var size: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SpoolFailure.last("read") }
            if count == 0 { return Measure(sha256: digest.finish(), size: size) }
            buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            size += Int64(count)
        }
    }
}
