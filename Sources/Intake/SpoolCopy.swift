import Glibc
import Ledger
import Synchronization
import Threads

/// A copy on its way into the spool: bytes may come in any order, and are hashed as they become contiguous.
///
/// As long as they are, byte for byte, those of a copy that is kept already, nothing is written and nothing hashed.
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
        var behind: WriteBehind
        var isKept = false
        /// The kept copy that this one may turn out to be.
        var twin: Twin?
        /// Room for a piece of it.
        var piece: [UInt8]
    }

    /// A kept copy of the same size.
    struct Twin: Sendable {
        var sha256: String
        var size: Int64
        /// Open for reading; ours to close.
        var descriptor: Int32
        /// How many bytes from the start came just so.
        var matched: Int64 = 0
    }

    /// - Parameter twin: A copy that is perhaps the same.
    init(folder: String, twin: Twin?, progress: (@Sendable (Int64) -> Void)?) throws {
        self.progress = progress
        var template = Array("\(folder)/\(Self.prefix)XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SpoolFailure.last("open") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            let digest = try Digest()
            state = Mutex(
                State(
                    descriptor: descriptor,
                    digest: digest,
                    behind: WriteBehind(descriptor),
                    twin: twin,
                    piece: [UInt8](repeating: 0, count: twin == nil ? 0 : 256 << 10)
                )
            )
        } catch {
            close(descriptor)
            if let twin { close(twin.descriptor) }
            unlink(path)
            throw error
        }
    }

    deinit {
        state.withLock { state in
            close(state.descriptor)
            if let twin = state.twin { close(twin.descriptor) }
            if !state.isKept { unlink(path) }
        }
    }

    package func write(_ bytes: RawSpan, at offset: Int64) throws {
        let written = try bytes.withUnsafeBytes { buffer in
            try state.withLock { state -> Int64? in
                if try !Self.matchesTwin(buffer, at: offset, &state) {
                    let hashed = state.hashed
                    try Self.leaveTwin(&state)
                    try Self.write(buffer, at: offset, to: state.descriptor)
                    if offset == state.hashed {
                        state.digest?.update(buffer)
                        state.hashed += Int64(buffer.count)
                        try Self.catchUp(&state)
                    } else {
                        state.ahead[offset] = Int64(buffer.count)
                    }
                    state.behind.wrote(Int(state.hashed - hashed), at: hashed)
                }
                state.written += Int64(buffer.count)
                guard state.written - state.told >= Self.stride else { return nil }
                state.told = state.written
                return state.written
            }
        }
        if let written { progress?(written) }
        StandingBack.giveWay()
    }

    /// Makes the bytes durable, and says what they are and whether they are kept under their name already.
    func finish() throws -> (sha256: String, size: Int64, isKept: Bool) {
        try state.withLock { state in
            if let twin = state.twin, twin.matched == twin.size { return (twin.sha256, twin.size, true) }
            try Self.leaveTwin(&state)
            guard state.ahead.isEmpty else { throw SpoolFailure.incomplete }
            guard fdatasync(state.descriptor) == 0 else { throw SpoolFailure.last("fdatasync") }
            state.isKept = true
            guard let digest = state.digest.take() else { throw SpoolFailure.incomplete }
            return (digest.finish(), state.hashed, false)
        }
    }

    /// Whether these are the twin's next bytes.
    private static func matchesTwin(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        _ state: inout State
    ) throws -> Bool {
        guard let twin = state.twin, offset == twin.matched, twin.matched + Int64(bytes.count) <= twin.size
        else {
            return false
        }
        var place = 0
        while place < bytes.count {
            let wanted = min(state.piece.count, bytes.count - place)
            let got = pread(twin.descriptor, &state.piece, wanted, off_t(offset) + place)
            guard got > 0 else { return false }
            let isSame = state.piece.withUnsafeBytes { piece in
                guard let came = bytes.baseAddress, let kept = piece.baseAddress else { return false }
                return memcmp(came + place, kept, got) == 0
            }
            guard isSame else { return false }
            place += got
        }
        state.twin?.matched += Int64(bytes.count)
        return true
    }

    /// The bytes are others than the twin's: takes over those that were the same, and hashes them.
    private static func leaveTwin(_ state: inout State) throws {
        guard let twin = state.twin else { return }
        while state.hashed < twin.matched {
            let wanted = Int(min(Int64(state.piece.count), twin.matched - state.hashed))
            let got = pread(twin.descriptor, &state.piece, wanted, off_t(state.hashed))
            guard got > 0 else { throw SpoolFailure.last("pread") }
            try state.piece.withUnsafeBytes { piece in
                let bytes = UnsafeRawBufferPointer(rebasing: piece[..<got])
                try write(bytes, at: state.hashed, to: state.descriptor)
                state.digest?.update(bytes)
            }
            state.hashed += Int64(got)
        }
        close(twin.descriptor)
        state.twin = nil
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
