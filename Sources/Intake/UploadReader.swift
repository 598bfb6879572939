import Glibc
import Synchronization

/// Reads what is uploaded, piece by piece.
final class UploadReader: Sendable {
    /// In bytes.
    let size: Int64
    private let bytes: [UInt8]
    private let descriptor: CInt?

    /// - Throws: ``InboxFailure/sinkFailed(_:)`` when the local file cannot be read.
    init(_ contents: UploadContents) throws(InboxFailure) {
        switch contents {
        case .bytes(let bytes):
            self.bytes = bytes
            size = Int64(bytes.count)
            descriptor = nil
        case .file(let path):
            let opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard opened >= 0 else { throw .sinkFailed("\(path): \(String(cString: strerror(errno)))") }
            var status = stat()
            guard fstat(opened, &status) == 0 else {
                close(opened)
                throw .sinkFailed(path)
            }
            bytes = []
            size = Int64(status.st_size)
            descriptor = opened
        }
    }

    deinit { if let descriptor { close(descriptor) } }

    /// The bytes from `offset` on, at most `count`; none at the end.
    func read(at offset: Int64, upTo count: Int) throws(InboxFailure) -> [UInt8] {
        guard let descriptor else { return Array(bytes.dropFirst(Int(clamping: offset)).prefix(count)) }
        var piece = [UInt8](repeating: 0, count: count)
        let got = pread(descriptor, &piece, count, off_t(offset))
        guard got >= 0 else { throw .sinkFailed(String(cString: strerror(errno))) }
        piece.removeLast(count - got)
        return piece
    }
}

/// Compares a file with what would be uploaded to its place.
final class ComparingSink: ByteSink {
    private struct Different: Error {}

    private let reader: UploadReader
    private let equal = Mutex<Int64>(0)

    init(reader: UploadReader) { self.reader = reader }

    /// How many bytes have come, all of them as expected.
    var compared: Int64 { equal.withLock { $0 } }

    func write(_ bytes: RawSpan, at offset: Int64) throws {
        let expected = try reader.read(at: offset, upTo: bytes.byteCount)
        let isEqual = bytes.withUnsafeBytes { $0.elementsEqual(expected) }
        guard isEqual else { throw Different() }
        equal.withLock { $0 += Int64(expected.count) }
    }
}
