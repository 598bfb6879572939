import CLinux
import Foundation
import Glibc
import Ledger

/// `ledgerdrop backup PATH`: a whole copy of the ledger, as of one moment, while the daemon goes on.
package enum BackupVerb {
    /// Writes the copy under a temporary name, reads all of it, and gives it its name.
    ///
    /// Nothing is ever replaced: what lies at `path` stays. Blocks for as long as reading the ledger twice takes.
    ///
    /// - Throws: ``CommandFailure`` when there is no ledger or the copy cannot be made; else why the ledger cannot be
    ///   read. Then nothing of it is left.
    package static func backup(_ configuration: Configuration, to path: String) throws -> BackupReport {
        let place = URL(fileURLWithPath: path)
        let folder = place.deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refusal(folder) }
        defer { close(descriptor) }
        guard faccessat(descriptor, place.lastPathComponent, F_OK, AT_SYMLINK_NOFOLLOW) != 0 else {
            throw refusal(path, EEXIST)
        }
        // The id of the ledger that is open elsewhere: a copy of another one would be no copy.
        let ledger = try DropReader(configuration).ledger
        guard ledger.dropName == configuration.name else { throw LedgerFailure.otherDrop(ledger.dropName) }
        let temporary = ".\(place.lastPathComponent).\(getpid()).tmp"
        // Made first, and empty, so that nobody else can ever read it.
        let file = ld_open_at(descriptor, temporary, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw refusal("\(folder)/\(temporary)") }
        defer { close(file) }
        do {
            let copy = "\(folder)/\(temporary)"
            try Ledger.copy("\(configuration.stateDirectory)/ledger.sqlite", to: copy)
            let facts = try Ledger.inspect(copy: copy)
            guard facts.uuid == ledger.uuid else { throw LedgerFailure.notOurs(copy) }
            guard fsync(file) == 0 else { throw refusal(copy) }
            guard ld_rename_new(descriptor, temporary, descriptor, place.lastPathComponent) == 0,
                fsync(descriptor) == 0
            else { throw refusal(path) }
            return BackupReport(
                path: path,
                bytes: FileStatus(of: file)?.size ?? 0,
                lastEvent: facts.lastEvent
            )
        } catch {
            unlinkat(descriptor, temporary, 0)
            // What SQLite cannot write is the copy: the ledger itself is only read.
            if LedgerTrouble(error) == .full { throw refusal(path, ENOSPC) }
            throw error
        }
    }

    private static func refusal(_ path: String, _ code: Int32 = errno) -> CommandFailure {
        CommandFailure(.cannotCreate, "\(DisplayText(path, limit: 4096).escaped): \(Errno.text(code))")
    }
}

/// What was backed up.
package struct BackupReport: Report {
    private let path: String
    package let bytes: Int64
    /// The number of the last event in it.
    package let lastEvent: Int64

    init(path: String, bytes: Int64, lastEvent: Int64) {
        self.path = path
        self.bytes = bytes
        self.lastEvent = lastEvent
    }

    package var text: String {
        "\(DisplayText(path, limit: 4096).escaped): \(Shown.size(bytes)), whole, up to event \(lastEvent)\n"
    }

    package var json: String {
        JSONValue.json(of: [
            ("path", .text(path)), ("bytes", .integer(bytes)), ("last_event", .integer(lastEvent)),
        ])
    }
}
