/// What has become of a file.
///
/// The operations page says who moves a file in and out of each state.
package enum FileState: String, Sendable, CaseIterable {
    /// Seen, not taken.
    case waiting
    /// Its bytes are ours and it belongs to a run's batch.
    case received
    /// Every row is applied or unchanged.
    case loaded
    /// Applied, but rows were rejected or parked.
    case loadedWithErrors = "loaded_with_errors"
    /// Refused as a whole; no row applied.
    case failed
    /// Stopped by a guard until a person decides.
    case held
    /// Was held; its type has since been loaded from a newer file.
    case superseded
    /// Applied again, and nothing changed.
    case duplicate
    /// Not ours to take.
    case ignored
    /// A held file that an operator refused.
    case discarded

    /// Whether rows of this file may stand in the ledger.
    package var isApplied: Bool { self == .loaded || self == .loadedWithErrors || self == .duplicate }
}
