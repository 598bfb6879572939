import Foundation
import Glibc
package import Ledger

/// The text file that node_exporter picks up.
package struct MetricsFile: Sendable {
    private let path: String
    private let state: StateDirectory
    private let ledger: Ledger
    private let version: String

    /// `path` is absolute; its folder exists and is none of ours.
    package init(path: String, state: StateDirectory, ledger: Ledger, version: String) {
        self.path = path
        self.state = state
        self.ledger = ledger
        self.version = version
    }

    /// The file that a drop's configuration names; `nil`: none.
    package init?(of drop: OpenDrop) {
        guard let path = drop.live.current.metricsTextfile else { return nil }
        self.init(path: path, state: drop.state, ledger: drop.ledger, version: Version.current)
    }

    /// The numbers of a drop, as the text file and the page's `/metrics` show them; takes milliseconds.
    ///
    /// - Throws: `DatabaseError` when the ledger cannot be read.
    package static func text(of drop: OpenDrop, at now: Timestamp) throws -> String {
        try MetricsFile(path: "", state: drop.state, ledger: drop.ledger, version: Version.current).text(
            at: now
        )
    }

    private func text(at now: Timestamp) throws -> String {
        Metrics.text(
            drop: ledger.dropName,
            version: version,
            ledger: try MetricsQueries(ledger).snapshot(),
            disk: DiskUse.of(path: state.path, ledger: ledger),
            now: now
        )
    }

    /// Writes the numbers of now, whole or not at all.
    ///
    /// - Throws: ``StateDirectoryFailure`` when the file cannot be written, `DatabaseError` when the ledger cannot be read.
    package func write(at now: Timestamp) throws {
        let text = try text(at: now)
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StateDirectoryFailure(path: folder, code: errno) }
        defer { close(descriptor) }
        try AtomicFile.write(
            Array(text.utf8),
            to: url.lastPathComponent,
            in: descriptor,
            folder: folder,
            mode: 0o644
        )
    }
}

/// What a state directory takes of the disk, and what is left.
package enum DiskUse {
    /// `path` is that of the state directory, `ledger` the one in it, which has counted the spool.
    package static func of(path: String, ledger: Ledger) -> Metrics.Disk {
        Metrics.Disk(
            ledgerBytes: ledgerBytes(path: path),
            walBytes: size("\(path)/ledger.sqlite-wal"),
            spoolBytes: (try? SpoolLedger(ledger).bytes()) ?? sizeOfFolder("\(path)/spool"),
            freeBytes: free(path)
        )
    }

    package static func ledgerBytes(path: String) -> Int64 { size("\(path)/ledger.sqlite") }

    private static func size(_ path: String) -> Int64 {
        FileStatus(of: path)?.size ?? 0
    }

    private static func sizeOfFolder(_ path: String) -> Int64 {
        guard let names = FileManager.default.enumerator(atPath: path) else { return 0 }
        var bytes: Int64 = 0
        for case let name as String in names {
            guard let status = FileStatus(of: "\(path)/\(name)"), status.isFile else { continue }
            bytes += status.size
        }
        return bytes
    }

    private static func free(_ path: String) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        let (bytes, isTooLarge) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize)
        )
        return isTooLarge ? .max : Int64(clamping: bytes)
    }
}
