import Foundation
package import Ledger
package import Logging

/// A drop in our hands: locked, its ledger open for writing, its log going on.
///
/// The daemon holds one for life, a verb for as long as it works without a daemon.
package struct OpenDrop: Sendable {
    /// A ledger up to this size, in bytes, is checked before we say that we are ready; a larger one before it is used.
    private static let quicklyChecked: Int64 = 256 << 20
    /// One up to this size is checked whole, its indexes too.
    private static let whollyChecked: Int64 = 64 << 20

    package let live: LiveConfiguration
    package let state: StateDirectory
    package let ledger: Ledger
    package let statusLog: StatusLog
    package let logger: Logger
    private let lock: KernelLock
    private let isAsLeft: Bool

    /// Checks a ledger that was too large to be checked at the start; blocks.
    ///
    /// - Parameter again: Also where it is as an orderly end left it.
    /// - Throws: `LedgerDamaged`.
    func checkLedger(again: Bool) throws {
        guard isLarge, again || !isAsLeft else { return }
        try LedgerCheck(ledger).quick()
    }

    /// Leaves the ledger as one file for whoever copies it, where that is possible; it stays open, for reading.
    func end() {
        do {
            try ledger.foldLog()
        } catch {
            // What stays in its log is no less safe.
            return
        }
        if isLarge { LeftLedger.leave(in: state) }
    }

    private var isLarge: Bool { DiskUse.ledgerBytes(path: state.path) > Self.quicklyChecked }

    /// Checks a ledger before anything is written: a damaged one stays as it is, for whoever mends it.
    private static func check(path: String, isSmall: Bool) throws {
        do {
            let check = LedgerCheck(try Ledger.openReadOnly(path: path))
            try isSmall ? check.whole() : check.quick()
        } catch LedgerFailure.missing {
            // Its making was interrupted: it is made anew from what there is.
        }
    }

    /// A ledger that is gone although events of it were told is no new one: nobody must find an empty one in its place.
    private static func requireLedger(path: String, told: Int64) throws {
        do {
            _ = try Ledger.openReadOnly(path: path)
        } catch LedgerFailure.missing {
            throw LedgerGone(told: told)
        }
    }

    /// Takes the drop.
    ///
    /// `purpose` is what others are told who find it taken: `run`, `poll`. With `tellsEvents` the logger is told each
    /// event as well.
    ///
    /// - Throws: ``LockRefused`` within a second when another process holds it, ``StateDirectoryFailure``,
    ///   `LedgerFailure` or `DatabaseError` when it cannot be opened; then nothing is held.
    package init(
        _ live: LiveConfiguration,
        purpose: String,
        tellsEvents: Bool = false,
        at time: Timestamp,
        logger: Logger
    ) throws {
        let configuration = live.current
        self.live = live
        self.logger = logger
        state = try StateDirectory(path: configuration.stateDirectory)
        lock = try KernelLock(in: state, for: purpose)
        // SQLite's temporary files hold customers' data as well.
        setenv("SQLITE_TMPDIR", try state.folder("tmp"), 1)
        let path = state.path(of: "ledger.sqlite")
        let told = try StatusLog.lastTold(in: state)
        if told > 0 { try Self.requireLedger(path: path, told: told) }
        isAsLeft = LeftLedger.take(in: state)
        let size = DiskUse.ledgerBytes(path: state.path)
        if size > 0, size <= Self.quicklyChecked {
            try Self.check(path: path, isSmall: size <= Self.whollyChecked)
        }
        ledger = try Ledger.open(
            path: path,
            drop: Drop(
                name: configuration.name,
                inboxURL: configuration.inbox.url,
                views: ViewSettings(
                    zone: configuration.zone,
                    reportingCurrency: configuration.reportingCurrency,
                    unappliedFromFile: configuration.loading.unapplied == .file
                )
            ),
            owner: UUID().uuidString.lowercased(),
            time: time
        )
        let minute = configuration.schedule.minute
        if try RestoredLedger(ledger).goOn(after: told, minute: minute, at: time) {
            logger.warning("the ledger is older than its status log; it goes on as restored")
        }
        try LedgerCheck(ledger).noteInbox(configuration.inbox.url, at: time)
        statusLog = try StatusLog(in: state, of: ledger) { event in if tellsEvents { logger.tell(event) } }
    }
}
