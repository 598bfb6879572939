package import Ledger

/// How a run ended.
package struct RunOutcome: Sendable, Equatable {
    package enum State: String, Sendable {
        case finished
        case failed
        /// The daemon stops; the run goes on at the next start.
        case interrupted
    }

    package var run: Int64
    package var slot: Timestamp
    package var trigger: RunTrigger
    package var state: State
    /// Why it failed.
    package var reason: RunFailureReason?
    /// What was met, for people; escaped.
    package var message: String?
    package var plan = PlanCounts()
    package var batch = BatchCounts()
    /// Whether files failed or are held, or rows were rejected or parked.
    package var hasFindings = false
}

/// How far a run has come, for whoever watches, and as a sign of life.
package enum RunProgress: Sendable {
    case listing
    /// Waiting for the quiet period to pass.
    case quiet(Duration)
    case planned(PlanCounts)
    /// So many bytes of a file are here.
    case fetching(name: String, bytes: Int64, size: Int64)
    /// So many of so many files are here.
    case fetched(files: Int, of: Int, bytes: Int64)
    /// The load of a file begins, the n-th of so many.
    case loading(name: String, file: Int, of: Int)
    case disposing(file: Int, of: Int)
}
