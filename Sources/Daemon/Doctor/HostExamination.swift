import CLinux
import Foundation
import Glibc
import Ledger

/// The steps that need nothing but this machine.
struct HostExamination {
    static let names = ["state_directory", "disk", "ledger", "lock", "lease"]
    /// Fewer free inodes than this are worth a look.
    private static let fewFiles: Int64 = 10_000

    private let configuration: Configuration
    private let surroundings: Doctor.Surroundings
    private let folder: String
    /// The ledger, or why there is none to ask.
    private let opened: Result<Ledger, any Error>

    init(_ configuration: Configuration, _ surroundings: Doctor.Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
        folder = configuration.stateDirectory
        opened = Result { [folder] in try Ledger.openReadOnly(path: "\(folder)/ledger.sqlite") }
    }

    /// The ledger, if there is one that can be read.
    var ledger: Ledger? { try? opened.get() }

    func steps() -> [DoctorStep] { [stateDirectory, disk, ledgerStep, lock, lease] }

    private var stateDirectory: DoctorStep {
        var status = ld_file_status()
        guard ld_look_at(folder, 0, &status) == 0 else {
            guard errno == ENOENT else { return unusable(Errno.text) }
            var parent = URL(fileURLWithPath: folder).deletingLastPathComponent().path
            while parent != "/", access(parent, F_OK) != 0 {
                parent = URL(fileURLWithPath: parent).deletingLastPathComponent().path
            }
            guard faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) == 0 else {
                return unusable("it is not there, and \(parent) may not be written to")
            }
            return .ok("state_directory", "\(folder): not there yet, made by the first run")
        }
        guard status.mode & S_IFMT == S_IFDIR else { return unusable("it is no folder") }
        guard faccessat(AT_FDCWD, folder, R_OK | W_OK | X_OK, AT_EACCESS) == 0 else {
            return unusable(Errno.text)
        }
        let mode = String(status.mode & 0o777, radix: 8)
        guard status.mode & 0o022 == 0 else {
            return .warning(
                "state_directory",
                "\(folder): writable, and by others too (mode \(mode))",
                remedy: "chmod go-w \(folder)"
            )
        }
        return .ok("state_directory", "\(folder): writable, mode \(mode)")
    }

    private func unusable(_ reason: String) -> DoctorStep {
        .failed(
            "state_directory",
            "\(folder): \(reason)",
            remedy: "make it a folder of the service's user: install -d -m 750 -o ledgerdrop \(folder)",
            .inputOutput
        )
    }

    private var disk: DoctorStep {
        var place = folder
        while place != "/", access(place, F_OK) != 0 {
            place = URL(fileURLWithPath: place).deletingLastPathComponent().path
        }
        guard let room = surroundings.room(place) else {
            return .failed("disk", "\(place): \(Errno.text)", remedy: "mount it", .inputOutput)
        }
        let limit = Int64(configuration.limits.freeBytes)
        let found = "\(Shown.size(room.freeBytes)) free, \(room.freeFiles) inodes free"
        let remedy = "make room below \(place), shorten spool.keep, or lower limits.free_bytes"
        if room.freeBytes < limit {
            return .failed(
                "disk",
                "\(found): less than limits.free_bytes (\(Shown.size(limit))), so no file is fetched",
                remedy: remedy,
                .inputOutput
            )
        }
        if room.freeBytes / 2 < limit {
            let found = "\(found): no file is fetched below \(Shown.size(limit))"
            return .warning("disk", found, remedy: remedy)
        }
        if room.files > 0, room.freeFiles < Self.fewFiles {
            return .warning("disk", found, remedy: "remove small files from the disk of \(place)")
        }
        return .ok("disk", found)
    }

    private var ledgerStep: DoctorStep {
        let file = "\(folder)/ledger.sqlite"
        do {
            let ledger = try opened.get()
            guard ledger.dropName == configuration.name else {
                throw LedgerFailure.otherDrop(ledger.dropName)
            }
            try LedgerCheck(ledger).quick()
            let schema = try LedgerCheck(ledger).schema()
            let size = Shown.size(DiskUse.ledgerBytes(path: folder))
            let found = "\(size), quick_check ok, schema \(schema.version)"
            if schema.inboxURL != configuration.inbox.url {
                return .warning(
                    "ledger",
                    "\(found); it was filled from another inbox, \(schema.inboxURL)",
                    remedy: "check inbox.url; if the inbox has moved, the next run notes it"
                )
            }
            if schema.version < Ledger.schemaVersion {
                let found = "\(found); this program knows \(Ledger.schemaVersion)"
                return .warning("ledger", found, remedy: "none needed: the next start extends it")
            }
            return .ok("ledger", found)
        } catch LedgerFailure.missing {
            return missing
        } catch {
            let status = ExitStatus(error)
            let remedy =
                switch error {
                case LedgerFailure.newer: "install the newer version of ledgerdrop again"
                case LedgerFailure.otherDrop: "give each drop a state_directory of its own"
                default: "stop the daemon, keep \(file), and put the last good backup in its place"
                }
            return .failed(
                "ledger",
                "\(error)",
                remedy: remedy,
                status == .software || status == .temporary ? .inputOutput : status
            )
        }
    }

    private var missing: DoctorStep {
        var log = ld_file_status()
        guard ld_look_at("\(folder)/status.log", 0, &log) == 0, log.size > 0 else {
            return .ok("ledger", "there is none yet; the first run or poll makes it")
        }
        return .failed(
            "ledger",
            "it is gone, and the status log tells of it",
            remedy: "put a backup in its place: \(folder)/ledger.sqlite",
            .inputOutput
        )
    }

    private var lock: DoctorStep {
        guard let holder = KernelLock.holder(in: folder) else {
            return .ok("lock", "free: no daemon is running")
        }
        return .ok("lock", "held by \(holder)")
    }

    private var lease: DoctorStep {
        guard let ledger else { return .skipped("lease", because: "there is no ledger to read") }
        do {
            guard let lease = try Lease.current(in: ledger) else { return .ok("lease", "never taken") }
            let until = Timestamp(milliseconds: lease.expiresAt * 1000)
            let isOver = until < surroundings.now()
            let found = "\(isOver ? "was" : "is") held by \(lease.host) until \(until.textInSeconds)"
            guard lease.host != ProcessInfo.processInfo.hostName, !isOver else {
                return .ok("lease", "\(found), fence \(lease.fence)")
            }
            return .failed(
                "lease",
                "\(found): another host serves this drop",
                remedy: "stop one of both, or wait until then",
                .temporary
            )
        } catch {
            return .failed(
                "lease",
                "\(error)",
                remedy: "see what is said of the ledger",
                .inputOutput
            )
        }
    }
}
