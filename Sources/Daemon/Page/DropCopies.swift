import CSV
import Glibc
import Ingestion
import Intake
import Ledger
import StatusPage
import Synchronization
import Threads

/// The bytes that the page gives out: what lies in the spool, and what is made from it.
struct DropCopies: Copies {
    /// So many records are asked for at a time.
    private static let page = 4096

    let drop: OpenDrop
    let spool: Spool

    func original(of file: FileRow) async throws -> Reply.Body {
        let (spool, sha256) = (spool, file.sha256)
        return try await onOwnThread {
            guard let sha256, spool.holds(sha256) else { throw Self.pruned }
            let descriptor = open(spool.path(of: sha256), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw Self.pruned }
            return .stream(HeldFile(descriptor))
        }
    }

    func rejects(of file: FileRow) async throws -> Reply.Body {
        let (drop, spool, id) = (drop, spool, file.id)
        return try await made { sink in
            let report = ErrorReport(
                ledger: drop.ledger,
                spool: spool,
                settings: RunSettings(drop.live.current)
            )
            do {
                _ = try report.write(id, to: sink)
            } catch ErrorReportFailure.noSuchFile {
                throw Refusal.unknown("file")
            } catch ErrorReportFailure.changedMeaning {
                throw Refusal(
                    409,
                    "The rows cannot be made",
                    "Under today's settings the copy of this file is no longer the CSV that was loaded."
                )
            } catch is ErrorReportFailure {
                throw Self.pruned
            }
        }
    }

    func cleared(by file: FileRow) async throws -> Reply.Body {
        let ledger = drop.ledger
        return try await made { sink in
            var writer = CSVWriter()
            for name in ["id", "label", "customer_id", "amount", "currency", "cleared_date"] {
                writer.append(name)
            }
            writer.endRecord()
            var last: Int64 = 0
            while true {
                let records = try ClearedQueries(ledger).records(of: file, after: last, limit: Self.page)
                for record in records {
                    writer.append(record.id)
                    writer.append(record.label ?? "")
                    writer.append(record.customer ?? "")
                    writer.append(record.amount ?? "", as: .plain)
                    writer.append(record.currency ?? "")
                    writer.append(record.day ?? "", as: .plain)
                    writer.endRecord()
                }
                try writer.drain { try sink(Array($0)) }
                guard records.count == Self.page, let end = records.last else { return }
                last = end.row
            }
        }
    }

    private static let pruned = Refusal(
        410,
        "The copy is gone",
        "The copy of this file is no longer kept. Let its sender send it again."
    )

    /// Something that is made whole before its first byte is sent, in a file without a name.
    private func made(_ write: @escaping @Sendable (_ sink: ([UInt8]) throws -> Void) throws -> Void)
        async throws
        -> Reply.Body
    {
        let folder = try drop.state.folder("tmp")
        return try await onOwnThread {
            var path = Array("\(folder)/made-XXXXXX".utf8CString)
            let descriptor = mkstemp(&path)
            guard descriptor >= 0 else { throw CommandFailure(.inputOutput, Errno.text) }
            unlink(path)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let file = HeldFile(descriptor)
            try write { try file.append($0) }
            return .stream(file)
        }
    }
}

/// An open file, given out from its beginning; it is closed with the last who knows it.
private final class HeldFile: ReplySource {
    /// So much is read and sent at a time, in bytes.
    private static let piece = 64 << 10

    private let descriptor: Int32
    private let offset = Mutex(0)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func append(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw CommandFailure(.inputOutput, Errno.text)
            }
            rest = rest.dropFirst(count)
        }
    }

    func next() async throws -> [UInt8]? {
        try await onOwnThread { [self] in
            try offset.withLock { offset in
                let bytes = try read(from: offset)
                offset += bytes.count
                return bytes.isEmpty ? nil : bytes
            }
        }
    }

    private func read(from offset: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.piece)
        while true {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure(.inputOutput, Errno.text) }
            bytes.removeLast(bytes.count - count)
            return bytes
        }
    }
}
