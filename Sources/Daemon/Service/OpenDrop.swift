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
    // Kept, since closing a connection costs a wake-up each second from then on; see Ledger.connection(readOnly:).
    private let looked: Ledger?
    /// Whether the ledger need not be checked: it is as an orderly end left it.
    private let isAsLeft: Bool

    /// Checks a ledger that was too large to be checked at the start; blocks.
    ///
    /// - Throws: `LedgerDamaged`.
    func checkLedger() throws {
        if isLarge, !isAsLeft { try LedgerCheck(ledger).quick() }
    }

    /// Leaves the ledger as one file for whoever copies it, where that is possible; it stays open, for reading.
    func end() {
        do {
            try ledger.foldLog()
        } catch {
            // What stays in its log is no less safe.
            return
        }
        LeftLedger.leave(in: state)
    }

    private var isLarge: Bool { DiskUse.ledgerBytes(path: state.path) > Self.quicklyChecked }

    /// Looks at the ledger before anything is written: a damaged one stays as it is, for whoever mends it.
    ///
    /// - Parameters:
    ///   - told: The number of the last event that was told of it.
    ///   - isAsLeft: Whether it need not be checked.
    /// - Returns: `nil`: there is none, or its making was interrupted; it is made anew from what there is.
    /// - Throws: `LedgerGone`: one that is gone although events of it were told is no new one, and nobody must find an
    ///   empty one in its place; `LedgerDamaged`; why it cannot be opened.
    private static func look(atLedger path: String, size: Int64, told: Int64, isAsLeft: Bool) throws
        -> Ledger?
    {
        do {
            let ledger = try Ledger.openReadOnly(path: path)
            if size <= quicklyChecked, !isAsLeft {
                let check = LedgerCheck(ledger)
                try size <= whollyChecked ? check.whole() : check.quick()
            }
            ledger.releaseMemory()
            return ledger
        } catch LedgerFailure.missing {
            guard told == 0 else { throw LedgerGone(told: told) }
            return nil
        }
    }

    /// Takes the drop.
    ///
    /// - Parameters:
    ///   - purpose: What others are told who find it taken: `run`, `poll`.
    ///   - checksAlways: Whether the ledger is checked also where it is as an orderly end left it.
    ///   - tellsEvents: Whether the logger is told each event as well.
    /// - Throws: ``LockRefused`` within a second when another process holds it, ``StateDirectoryFailure``,
    ///   `LedgerFailure` or `DatabaseError` when it cannot be opened; then nothing is held.
    package init(
        _ live: LiveConfiguration,
        purpose: String,
        checksAlways: Bool = false,
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
        isAsLeft = LeftLedger.take(in: state) && !checksAlways
        let size = DiskUse.ledgerBytes(path: state.path)
        looked = try Self.look(atLedger: path, size: size, told: told, isAsLeft: isAsLeft)
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
