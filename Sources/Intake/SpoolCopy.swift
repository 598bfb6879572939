import Glibc
import Synchronization

/// A copy on its way into the spool: bytes may come in any order, and are hashed as they become contiguous.
package final class SpoolCopy: ByteSink {
    static let prefix = ".part-"

    let path: String
    private let state: Mutex<State>
    private let progress: (@Sendable (Int64) -> Void)?
    /// Bytes between two signs of progress.
    private static let stride: Int64 = 1 << 20

    private struct State: ~Copyable {
        let descriptor: Int32
        var digest: Digest?
        /// How many bytes from the start are hashed.
        var hashed: Int64 = 0
        /// Ranges beyond that, by where they begin.
        var ahead: [Int64: Int64] = [:]
        var written: Int64 = 0
        var told: Int64 = 0
        var isKept = false
    }

    init(folder: String, progress: (@Sendable (Int64) -> Void)?) throws {
        self.progress = progress
        var template = Array("\(folder)/\(Self.prefix)XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SpoolFailure.last("open") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            let digest = try Digest()
            state = Mutex(State(descriptor: descriptor, digest: digest))
        } catch {
            close(descriptor)
            unlink(path)
            throw error
        }
    }

    deinit {
        state.withLock { state in
            close(state.descriptor)
            if !state.isKept { unlink(path) }
        }
    }

    package func write(_ bytes: RawSpan, at offset: Int64) throws {
        let written = try bytes.withUnsafeBytes { buffer in
            try state.withLock { state -> Int64? in
                try Self.write(buffer, at: offset, to: state.descriptor)
                if offset == state.hashed {
                    state.digest?.update(buffer)
                    state.hashed += Int64(buffer.count)
                    try Self.catchUp(&state)
                } else {
                    state.ahead[offset] = Int64(buffer.count)
                }
                state.written += Int64(buffer.count)
                guard state.written - state.told >= Self.stride else { return nil }
                state.told = state.written
                return state.written
            }
        }
        if let written { progress?(written) }
    }

    /// Makes the bytes durable, and says what they are.
    func finish() throws -> (sha256: String, size: Int64) {
        try state.withLock { state in
            guard state.ahead.isEmpty else { throw SpoolFailure.incomplete }
            guard fdatasync(state.descriptor) == 0 else { throw SpoolFailure.last("fdatasync") }
            state.isKept = true
            guard let digest = state.digest.take() else { throw SpoolFailure.incomplete }
            return (digest.finish(), state.hashed)
        }
    }

    /// Hashes what came early, now that the bytes before it are there.
    private static func catchUp(_ state: inout State) throws {
        var chunk: [UInt8] = []
        while let count = state.ahead.removeValue(forKey: state.hashed) {
            let end = state.hashed + count
            if chunk.isEmpty { chunk = [UInt8](repeating: 0, count: 1 << 16) }
            while state.hashed < end {
                let wanted = Int(min(Int64(chunk.count), end - state.hashed))
                let got = pread(state.descriptor, &chunk, wanted, off_t(state.hashed))
                guard got > 0 else { throw SpoolFailure.last("pread") }
                chunk.withUnsafeBytes { state.digest?.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
                state.hashed += Int64(got)
            }
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        to descriptor: Int32
    ) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let wrote = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + done)
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else { throw SpoolFailure.last("pwrite") }
            done += wrote
        }
    }
}
