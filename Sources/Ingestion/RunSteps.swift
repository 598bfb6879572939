package import Ledger
package import Receivables

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
    /// Applies the parked rows of a type whose parents have come; returns whether there were any.
    package var heal: @Sendable (_ type: RecordType, _ batch: Batch) throws -> Bool
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
        heal = { type, batch in
            try loader.heal(type, in: batch, at: now()).contains { $0.healed > 0 }
        }
        expireParked = { run in _ = try loader.ledger.expireParkedRows(run: run, at: now()) }
    }

    package init(
        load: @escaping @Sendable (ReceivedFile, Batch, @escaping @Sendable () -> Bool) throws -> Void,
        heal: @escaping @Sendable (RecordType, Batch) throws -> Bool,
        expireParked: @escaping @Sendable (Int64) throws -> Void
    ) {
        self.load = load
        self.heal = heal
        self.expireParked = expireParked
    }
}
