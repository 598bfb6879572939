import GRDB

/// What a failed write to the ledger means for the file in hand.
package enum LedgerTrouble: Sendable, Equatable {
    /// Somebody else held the ledger for too long; it may be tried again.
    case busy
    /// The disk has no room.
    case full

    /// Sorts an error of the ledger; `nil` for any other, which is nothing to go on after.
    package init?(_ error: any Error) {
        guard let error = error as? DatabaseError else { return nil }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_FULL: self = .full
        default: return nil
        }
    }
}
