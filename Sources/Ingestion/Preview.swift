package import Ledger
package import Receivables

/// What loading files would change, found without changing anything.
extension Loader {
    /// Loads a file that the ledger knows, and takes that back.
    ///
    /// Blocks, and holds up every other writer for as long as a load does. Nothing of it stays, no event either.
    ///
    /// - Parameters:
    ///   - file: As for a load.
    ///   - batch: As for a load.
    ///   - occasion: As for a load.
    ///   - time: Now.
    ///   - scope: How much is listed.
    ///   - shouldStop: Asked now and then.
    ///   - take: Is given each listed row; says whether it had room for it.
    /// - Throws: As a load.
    package func preview(
        _ file: ReceivedFile,
        in batch: Batch,
        occasion: Occasion,
        at time: Timestamp,
        scope: Difference.Scope,
        shouldStop: @escaping @Sendable () -> Bool = { false },
        take: (Difference.Row) throws -> Bool
    ) throws -> Difference {
        try ledger.rehearse(at: time) { rehearsal in
            try load(file, in: batch, occasion, rehearsal.begin(file.fileID), scope, shouldStop, take)
        }
    }

    /// Loads a file that never came over the server, as if it had come in a batch of its own, and takes that back.
    ///
    /// - Parameter file: Its id is not looked at.
    package func preview(
        arriving file: ReceivedFile,
        at time: Timestamp,
        day: Day,
        scope: Difference.Scope,
        shouldStop: @escaping @Sendable () -> Bool = { false },
        take: (Difference.Row) throws -> Bool
    ) throws -> Difference {
        try ledger.rehearse(at: time) { rehearsal in
            var file = file
            file.fileID = try rehearsal.receive(
                LocalArrival(name: file.name, type: file.type.name, size: file.size, sha256: file.sha256)
            )
            let batch = Batch(run: nil, slot: time, day: day, files: [file])
            return try load(file, in: batch, .batch, rehearsal.begin(file.fileID), scope, shouldStop, take)
        }
    }

    /// Loads a file for good into a ledger that is a copy, and tells what that changed.
    package func loadTelling(
        _ file: ReceivedFile,
        in batch: Batch,
        at time: Timestamp,
        scope: Difference.Scope,
        progress: (@Sendable (LoadProgress) -> Void)?,
        take: (Difference.Row) throws -> Bool
    ) throws -> Difference {
        try ledger.load(file: file.fileID, at: time, isTrial: true) { transaction in
            try load(file, in: batch, .batch, transaction, scope, progress: progress, { false }, take)
        }
    }

    private func load(
        _ file: ReceivedFile,
        in batch: Batch,
        _ occasion: Occasion,
        _ transaction: LoadTransaction,
        _ scope: Difference.Scope,
        progress: (@Sendable (LoadProgress) -> Void)? = nil,
        _ shouldStop: @escaping @Sendable () -> Bool,
        _ take: (Difference.Row) throws -> Bool
    ) throws -> Difference {
        var settings = settings
        // The path into an empty table does not know which row came from which line.
        settings.tuning.firstBytes = .max
        try transaction.noteChanges(of: file.type)
        let outcome = try Loader(ledger: ledger, settings: settings).load(
            file,
            in: batch.afresh(),
            occasion: occasion,
            transaction,
            Pulse(file: file, progress: progress, shouldStop: shouldStop),
            .rehearsal
        ).outcome
        var healed: [Healed] = []
        if outcome.state.isApplied {
            healed = try healAll(after: file.type, in: batch.afresh(), within: transaction)
        }
        return try transaction.difference(
            name: file.name,
            state: outcome.state,
            reason: outcome.reason,
            counts: outcome.counts,
            healed: healed.reduce(0) { $0 + $1.healed },
            unhealed: healed.reduce(0) { $0 + $1.rejected },
            in: ledger,
            scope: scope,
            take: take
        )
    }
}
