import Glibc
import Ingestion
import Intake
package import Ledger
import Receivables
import Threads

/// What a decision or a new file would change, found out between two files and taken back.
package struct FilePreview: Sendable {
    /// What somebody thinks of doing with a file that is there.
    package enum Intent: Sendable, Codable, Equatable {
        case release
        case replay(older: Bool)
    }

    private let drop: OpenDrop
    private let spool: Spool
    private let now: @Sendable () -> Timestamp

    init(drop: OpenDrop, spool: Spool, now: @escaping @Sendable () -> Timestamp) {
        self.drop = drop
        self.spool = spool
        self.now = now
    }

    /// - Throws: Why the spool cannot be opened.
    init(of drop: OpenDrop, now: @escaping @Sendable () -> Timestamp) throws {
        self.init(drop: drop, spool: try Spool(folder: drop.state.folder("spool")), now: now)
    }

    /// What releasing or replaying a file would change; the listed rows are in the result.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be done at all; else as a load.
    package func preview(_ file: Int64, for intent: Intent, scope: Difference.Scope) async throws
        -> Difference
    {
        try await onOwnThread {
            var rows: [Difference.Row] = []
            var difference = try difference(file, for: intent, user: "", scope: scope) { row in
                rows.append(row)
                return true
            }
            difference.rows = rows
            return difference
        }
    }

    /// What a file would change that somebody has sent on another way than over the server, if it came now.
    ///
    /// - Parameters:
    ///   - path: Where its bytes lie.
    ///   - name: What its sender calls it.
    ///   - type: The record type's name.
    /// - Throws: ``CommandFailure`` for an unknown type or a file that cannot be read; else as a load.
    package func check(
        _ path: String,
        named name: String,
        type: String,
        scope: Difference.Scope = Difference.Scope()
    ) async throws -> Difference {
        try await onOwnThread {
            guard let type = Catalogue.type(named: type) else {
                throw CommandFailure(.noInput, "no such record type")
            }
            guard let status = FileStatus(of: path), status.isFile else {
                throw CommandFailure(.noInput, "the file cannot be read: \(Errno.text)")
            }
            let time = now()
            guard let day = Day(at: Int(clamping: time.seconds), in: drop.live.current.zone) else {
                throw CommandFailure(.configuration, "zone cannot be used")
            }
            let file = ReceivedFile(
                fileID: 0,
                type: type,
                name: DisplayText(name).escaped,
                mtime: nil,
                size: status.size,
                sha256: try Self.digest(of: path),
                spoolPath: path
            )
            var rows: [Difference.Row] = []
            var difference = try loader.preview(arriving: file, at: time, day: day, scope: scope) { row in
                rows.append(row)
                return true
            }
            difference.rows = rows
            return difference
        }
    }

    /// As ``preview(_:for:scope:)``, row by row; blocks.
    func difference(
        _ file: Int64,
        for intent: Intent,
        user: String,
        scope: Difference.Scope,
        take: (Difference.Row) throws -> Bool
    ) throws -> Difference {
        guard let row = try FileQueries(drop.ledger).file(file) else {
            throw CommandFailure(.noInput, "\(file): no file of this id")
        }
        let occasion: Loader.Occasion
        switch intent {
        case .release:
            guard row.state == "held" else {
                throw CommandFailure(.noInput, "\(file) is not held; it is \(row.state)")
            }
            occasion = .release(by: user, reason: nil)
        case .replay(let older):
            try row.requireReplay(in: drop.ledger, older: older)
            occasion = .replay(by: user, isOlder: older)
        }
        let time = now()
        let spooled = try SpooledBatch(row, in: drop, spool: spool, at: time)
        return try loader.preview(
            spooled.file,
            in: spooled.batch,
            occasion: occasion,
            at: time,
            scope: scope,
            take: take
        )
    }

    private var loader: Loader { Loader(ledger: drop.ledger, settings: LoadSettings(drop.live.current)) }

    private static func digest(of path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw CommandFailure(.noInput, "the file cannot be read: \(Errno.text)")
        }
        defer { close(descriptor) }
        var digest = try Digest()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(.inputOutput, "the file cannot be read: \(Errno.text)")
            }
            guard count > 0 else { return digest.finish() }
            buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        }
    }
}
