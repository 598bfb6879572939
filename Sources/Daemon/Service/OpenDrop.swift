import Foundation
package import Ledger
package import Logging

/// A drop in our hands: locked, its ledger open for writing, its log going on.
///
/// The daemon holds one for life, a verb for as long as it works without a daemon.
package struct OpenDrop: Sendable {
    package let live: LiveConfiguration
    package let state: StateDirectory
    package let ledger: Ledger
    package let statusLog: StatusLog
    package let logger: Logger
    private let lock: KernelLock

    /// Takes the drop.
    ///
    /// `purpose` is what others are told who find it taken: `run`, `poll`.
    ///
    /// - Throws: ``LockRefused`` within a second when another process holds it, ``StateDirectoryFailure``,
    ///   `LedgerFailure` or `DatabaseError` when it cannot be opened; then nothing is held.
    package init(
        _ live: LiveConfiguration,
        purpose: String,
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
        ledger = try Ledger.open(
            path: state.path(of: "ledger.sqlite"),
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
        statusLog = try StatusLog(in: state, of: ledger) { event in logger.tell(event) }
    }
}
