package import Ledger
import Receivables

/// What a run has done with the files it received: the loader, as a run sees it.
///
/// All calls block; the run makes them one at a time, on a thread that may.
package struct RunSteps: Sendable {
    /// Settles one file in one transaction.
    ///
    /// Their bad data never throws. Throws ``LoadFailure`` or an error of the ledger; then nothing of it was applied.
    package var load:
        @Sendable (_ file: ReceivedFile, _ batch: Batch, _ shouldStop: @escaping @Sendable () -> Bool) throws
            -> Void
    /// Applies parked rows whose parents have come, in dependency order; told are the types of the run's applied files.
    package var heal: @Sendable (_ types: Set<String>, _ batch: Batch) throws -> Void
    /// Ends the wait of rows that have been parked for too long.
    package var expireParked: @Sendable (_ run: Int64) throws -> Void

    /// What the loader does.
    ///
    /// - Parameters:
    ///   - loader: Loads and heals.
    ///   - now: The time of day.
    ///   - progress: Told now and then how far the load in hand has come.
    package init(
        _ loader: Loader,
        now: @escaping @Sendable () -> Timestamp,
        progress: (@Sendable (LoadProgress) -> Void)? = nil
    ) {
        load = { file, batch, shouldStop in
            _ = try loader.load(file, in: batch, at: now(), progress: progress, shouldStop: shouldStop)
        }
        heal = { types, batch in
            var parents = types
            for type in Catalogue.types where type.references.contains(where: { parents.contains($0.target) })
            {
                // Rows that heal may be the parents of others.
                if try loader.heal(type, in: batch, at: now()).contains(where: { $0.healed > 0 }) {
                    parents.insert(type.name)
                }
            }
        }
        expireParked = { run in _ = try loader.ledger.expireParkedRows(run: run, at: now()) }
    }

    package init(
        load: @escaping @Sendable (ReceivedFile, Batch, @escaping @Sendable () -> Bool) throws -> Void,
        heal: @escaping @Sendable (Set<String>, Batch) throws -> Void,
        expireParked: @escaping @Sendable (Int64) throws -> Void
    ) {
        self.load = load
        self.heal = heal
        self.expireParked = expireParked
    }
}
