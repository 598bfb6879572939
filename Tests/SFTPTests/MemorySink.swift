import SFTP
import Synchronization

/// Keeps the bytes of a download, and how often it was given some.
final class MemorySink: DownloadSink {
    struct Full: Error {}

    private let kept = Mutex<[UInt8]>([])
    private let taken = Mutex(0)
    private let limit: Int

    /// - Parameter limit: How many bytes fit.
    init(limit: Int = .max) { self.limit = limit }

    var bytes: [UInt8] { kept.withLock { $0 } }
    /// The sum of all that was given, which is more than there is when something came twice.
    var given: Int { taken.withLock { $0 } }

    func write(_ bytes: RawSpan, at offset: UInt64) throws {
        let start = Int(offset)
        guard start + bytes.byteCount <= limit else { throw Full() }
        kept.withLock { kept in
            let end = start + bytes.byteCount
            if kept.count < end { kept += [UInt8](repeating: 0, count: end - kept.count) }
            bytes.withUnsafeBytes { kept.replaceSubrange(start..<end, with: $0) }
        }
        taken.withLock { $0 += bytes.byteCount }
    }
}

/// Gives the bytes of an upload.
struct MemorySource: UploadSource {
    var bytes: [UInt8]

    func read(at offset: UInt64, upTo count: Int) throws -> [UInt8] {
        Array(bytes.dropFirst(Int(offset)).prefix(count))
    }
}
