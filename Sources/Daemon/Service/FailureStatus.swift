import Intake
import Ledger

extension ExitStatus {
    /// The exit status for whatever stopped a command or the daemon.
    package init(_ error: any Error) {
        switch error {
        case let status as ExitStatus: self = status
        case is ConfigurationRefused, is CredentialRefused: self = .configuration
        case let failure as CommandFailure: self = failure.status
        case is NeverSeen: self = .noInput
        case is LockRefused: self = .temporary
        case is StateDirectoryFailure, is SpoolFailure, is LedgerDamaged, is LedgerGone: self = .inputOutput
        case let failure as LedgerFailure: self.init(failure)
        case is CancellationError: self = .temporary
        default:
            self =
                LedgerTrouble(error) == .busy
                ? .temporary : LedgerDamage.isMet(in: error) ? .inputOutput : .software
        }
    }

    /// The exit status for a run that failed.
    init(_ reason: RunFailureReason) {
        switch reason {
        case .unreachable: self = .unavailable
        case .hostKeyMismatch, .authRefused: self = .noPermission
        case .protocolError, .tooManyEntries: self = .protocolError
        case .unbalanced: self = .software
        }
    }

    private init(_ failure: LedgerFailure) {
        switch failure {
        case .missing: self = .noInput
        case .notOurs: self = .inputOutput
        case .newer, .otherDrop: self = .configuration
        case .leaseLost, .leaseHeld: self = .temporary
        }
    }
}
