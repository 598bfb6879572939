import CLinux
import Ledger

/// How much memory the process holds on to.
package enum ProcessMemory {
    /// Lets freed memory go back to the system soon; called once, before anything is allocated that is large.
    package static func keepSmall() { ld_keep_memory_small() }

    /// Gives back what the work that is done now has left behind.
    static func release(_ ledger: Ledger) {
        ledger.releaseMemory()
        ld_release_memory()
    }
}
