import CSV
package import Ledger
package import Receivables

/// What became of a file.
package struct FileOutcome: Sendable {
    package var file: Int64
    package var state: FileState
    package var reason: String?
    package var counts: RowCounts
}

/// Turns one file of the spool into rows, and settles it, in one transaction.
///
/// Blocks while it works: call it on a thread that may. What is wrong with a file or its rows is written into the
/// ledger and never thrown.
package struct Loader: Sendable {
    /// Why a file is loaded, and what that permits.
    package enum Occasion: Sendable {
        /// It came in a batch.
        case batch
        /// A person looked at it: guards do not apply.
        case release(by: String, reason: String?)
        /// It is loaded again, by a person's wish; guards apply.
        case replay(by: String, isOlder: Bool)
    }

    package let ledger: Ledger
    package let settings: LoadSettings

    package init(ledger: Ledger, settings: LoadSettings) {
        self.ledger = ledger
        self.settings = settings
    }

    /// Loads one file.
    ///
    /// - Parameters:
    ///   - file: A file in state `received`, or `held` for a release, or settled for a replay.
    ///   - batch: The run's files, this one among them.
    ///   - occasion: Why it is loaded.
    ///   - time: Now.
    ///   - progress: Told now and then how far the load has come.
    ///   - shouldStop: Asked now and then.
    /// - Throws: ``LoadFailure``, ``LedgerFailure`` or a database error; then nothing of the file was applied.
    package func load(
        _ file: ReceivedFile,
        in batch: Batch,
        occasion: Occasion = .batch,
        at time: Timestamp,
        progress: (@Sendable (LoadProgress) -> Void)? = nil,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> FileOutcome {
        let pulse = Pulse(file: file, progress: progress, shouldStop: shouldStop)
        ResidentCode.letGo(forFileOf: file.size)
        var course = LoadCourse()
        while true {
            do {
                let ending = try ledger.load(file: file.fileID, at: time) { transaction in
                    try load(file, in: batch, occasion: occasion, transaction, pulse, course)
                }
                ending.note()
                return ending.outcome
            } catch let restart as LoadCourse.Restart {
                course = restart.course
            }
        }
    }

    /// Whether one of several files of a type cannot be trusted, so that none of them may clear or remove anything.
    ///
    /// True when one of them failed or is held, or would be, or has a row whose key cannot be read (`records.md` 5.10).
    /// Found by loading them all and taking it back; a type of which one file came costs nothing.
    package func isDistrusted(
        _ type: RecordType,
        in batch: Batch,
        at time: Timestamp,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> Bool {
        guard batch.count(of: type) > 1, type.absence != .untouched else { return false }
        // What is found out here is taken back with the rest.
        let batch = batch.afresh()
        return try ledger.rehearse(at: time) { rehearsal in
            for file in batch.files(of: type) {
                let transaction = try rehearsal.begin(file.fileID)
                if try transaction.isStopped(file.fileID) { return true }
                if try transaction.isSettled(file.fileID) { continue }
                let pulse = Pulse(file: file, progress: nil, shouldStop: shouldStop)
                let ending = try load(file, in: batch, occasion: .batch, transaction, pulse, .rehearsal)
                if ending.isStopped { return true }
                ending.note()
            }
            return false
        }
    }

    /// What an attempt came to, for the files that came with it.
    struct Ending {
        let outcome: FileOutcome
        let siblings: Siblings?
        let present: Presence
        let isStopped: Bool
        let didClear: Bool
        let didEndParking: Bool

        /// To be called once nothing takes it back.
        func note() {
            siblings?.note(
                outcome.file,
                present: present,
                isStopped: isStopped,
                didClear: didClear,
                didEndParking: didEndParking
            )
        }
    }

    func load(
        _ file: ReceivedFile,
        in batch: Batch,
        occasion: Occasion,
        _ transaction: LoadTransaction,
        _ pulse: Pulse,
        _ course: LoadCourse
    ) throws -> Ending {
        try transaction.beginAttempt()
        if case .batch = occasion { transaction.isLate = false } else { transaction.isLate = true }
        try announce(occasion, file, batch, transaction)
        let load = FileLoad(
            file: file,
            batch: batch,
            occasion: occasion,
            settings: settings,
            transaction: transaction,
            pulse: pulse,
            course: course
        )
        var result = course.verdict
        if result == nil {
            try course.attempt(transaction) {
                do {
                    let applied = try load.apply()
                    result = .success(applied)
                    return applied.hold == nil
                } catch let refusal as FileRefusal {
                    result = .failure(refusal)
                    return false
                }
            } otherwise: {
                LoadCourse(verdict: result)
            }
        }
        let settlement: Settlement
        var kept: FileLoad.Applied?
        switch result {
        case .success(let applied):
            settlement = try load.settlement(of: applied)
            if applied.hold == nil { kept = applied }
        case .failure(let refusal):
            settlement = try load.settlement(of: refusal)
        case nil:
            throw LoadFailure.interrupted
        }
        try transaction.settle(settlement)
        let outcome = FileOutcome(
            file: file.fileID,
            state: settlement.state,
            reason: settlement.reason,
            counts: settlement.counts
        )
        return Ending(
            outcome: outcome,
            siblings: load.siblings,
            present: kept?.present ?? Presence(),
            isStopped: outcome.state == .failed || outcome.state == .held
                || transaction.issues.warnings[.absenceSuspended] != nil,
            didClear: kept?.didClear ?? false,
            didEndParking: kept != nil && load.endsAllParking(settlement)
        )
    }

    private func announce(
        _ occasion: Occasion,
        _ file: ReceivedFile,
        _ batch: Batch,
        _ transaction: LoadTransaction
    ) throws {
        let facts = Event(
            .fileReleased,
            run: batch.run,
            file: file.fileID,
            ["name": .text(file.name), "type": .text(file.type.name)]
        )
        switch occasion {
        case .batch:
            return
        case .release(let by, let reason):
            try transaction.append(facts.with("by", .text(by)).with("why", reason.map { .text($0) }))
        case .replay(let by, _):
            var event = facts.with("by", .text(by))
            event.name = .fileReplayed
            try transaction.append(event)
        }
    }
}
