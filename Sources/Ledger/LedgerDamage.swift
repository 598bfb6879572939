import GRDB

/// A ledger that cannot be read or written, or is no whole database any more.
package enum LedgerDamage {
    /// Whether an error means that; a ledger that is only busy is none.
    package static func isMet(in error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return [
            .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY,
            .SQLITE_PERM, .SQLITE_AUTH,
        ].contains(code)
    }
}
