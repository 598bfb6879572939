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
    /// Whether one of several files of a type cannot be trusted, so that none of them may clear or remove anything.
    package var isDistrusted: @Sendable (_ type: RecordType, _ batch: Batch) throws -> Bool
    /// Applies the parked rows that waited for rows of a type; returns the types of those that healed.
    package var heal: @Sendable (_ after: RecordType, _ batch: Batch) throws -> Set<String>
    /// Ends the wait of rows that have been parked for too long.
    package var expireParked: @Sendable (_ run: Int64) throws -> Void

    /// Tells what a file would become that came now, as part of nothing; `nil` where nobody can say.
    ///
    /// The arguments: the file, whose id is not looked at, the slot, the zone of its day, and whether to stop.
    package var preview:
        @Sendable (ReceivedFile, _ slot: Timestamp, _ zone: String, @escaping @Sendable () -> Bool) throws ->
            Difference? = { _, _, _, _ in nil }

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
        isDistrusted = { type, batch in try loader.isDistrusted(type, in: batch, at: now()) }
        heal = { type, batch in try loader.heal(after: type, in: batch, at: now()) }
        expireParked = { run in _ = try loader.ledger.expireParkedRows(run: run, at: now()) }
        preview = { file, slot, zone, shouldStop in
            guard let day = Day(at: Int(clamping: slot.seconds), in: zone) else {
                throw LoadFailure.interrupted
            }
            var rows: [Difference.Row] = []
            var difference = try loader.preview(
                arriving: file,
                at: now(),
                day: day,
                scope: ValidationReport.scope,
                shouldStop: shouldStop
            ) { row in
                rows.append(row)
                return true
            }
            difference.rows = rows
            return difference
        }
    }

    package init(
        load: @escaping @Sendable (ReceivedFile, Batch, @escaping @Sendable () -> Bool) throws -> Void,
        isDistrusted: @escaping @Sendable (RecordType, Batch) throws -> Bool = { _, _ in false },
        heal: @escaping @Sendable (RecordType, Batch) throws -> Set<String>,
        expireParked: @escaping @Sendable (Int64) throws -> Void
    ) {
        self.load = load
        self.isDistrusted = isDistrusted
        self.heal = heal
        self.expireParked = expireParked
    }
}
