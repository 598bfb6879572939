import CLinux
import CSQLite
import Ledger

/// The memory of this process: how much of it is held on to, and who may see it.
package enum ProcessMemory {
    /// Lets freed memory go back to the system soon, and each ledger allocate without waiting for another one.
    ///
    /// Called once, before anything is allocated that is large, and before a ledger is opened.
    package static func keepSmall() {
        ld_keep_memory_small()
        // Nobody asks for SQLite's count, and without it a reader never waits for the lock of a load that stands back.
        _ = ld_count_no_memory()
    }

    /// Keeps it, and the secrets in it, out of core files and out of reach of other processes of the same user.
    ///
    /// To be called again once the process has become another user, which undoes it.
    package static func hide() { _ = ld_hide_memory() }

    /// Gives back what the work that is done now has left behind.
    static func release(_ ledger: Ledger) {
        ledger.releaseMemory()
        ld_release_memory()
    }
}
