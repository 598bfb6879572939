import Ledger
import Receivables

/// How an attempt is settled: its state, its reason, and what follows on the server.
extension FileLoad {
    func settlement(of applied: Applied) throws -> Settlement {
        if let hold = applied.hold { return held(applied, hold) }
        let state = try state(of: applied.counts)
        var settlement = Settlement(state, run: batch.run)
        settlement.counts = applied.counts
        describe(&settlement, applied)
        settlement.extras += codes()
        settlement.extras.append(("path", .text(applied.path.rawValue)))
        if let detour = applied.detour { settlement.extras.append(("fallback", .text(detour))) }
        if applied.counts.reopened > 0 {
            settlement.extras.append(("rows_reopened", .integer(Int64(applied.counts.reopened))))
        }
        if !applied.nearMisses.isEmpty {
            settlement.extras.append(("near_miss", .list(applied.nearMisses.map { .text($0) })))
        }
        if applied.relinked > 0 {
            settlement.extras.append(("pdfs_linked", .integer(Int64(applied.relinked))))
        }
        if state == .duplicate, let twin = try transaction.earlierTwin(type: file.type.name) {
            settlement.reason = "nothing_changed"
            settlement.extras += [
                ("earlier_file", .integer(twin.file)), ("earlier_at", .text(twin.settledAt)),
            ]
        }
        settlement.disposal = disposal(of: state)
        try endOthers(settlement)
        return settlement
    }

    func settlement(of refusal: FileRefusal) throws -> Settlement {
        try transaction.issues.append(
            refusal.finding,
            at: refusal.place,
            column: refusal.column,
            byteOffset: refusal.byteOffset
        )
        var settlement = Settlement(.failed, reason: refusal.finding.code.rawValue, run: batch.run)
        settlement.disposal = disposal(of: .failed)
        return settlement
    }

    private func held(_ applied: Applied, _ hold: TruncationGuard.Hold) -> Settlement {
        var settlement = Settlement(.held, reason: "held_by_guard", run: batch.run)
        describe(&settlement, applied)
        settlement.extras = hold.detail
        return settlement
    }

    private func describe(_ settlement: inout Settlement, _ applied: Applied) {
        settlement.isCorrection = applied.layout?.isCorrection ?? false
        settlement.snapshotRows = applied.snapshotRows
        settlement.endedWithLineEnd = applied.endedWithLineEnd
        settlement.nameDate = batch.nameDate(of: file).map(\.text)
        settlement.header = applied.layout?.header
        settlement.delimiter = applied.layout.map { String(decoding: [$0.delimiter], as: UTF8.self) }
    }

    private func state(of counts: RowCounts) throws -> FileState {
        if counts.rejected + counts.parked > 0 { return .loadedWithErrors }
        let isRepetition =
            try counts.total > 0 && counts.changedNothing
            && transaction.earlierTwin(type: file.type.name) != nil
        return isRepetition ? .duplicate : .loaded
    }

    /// How often each code was found; codes only, never values.
    private func codes() -> [(key: String, value: JSONValue)] {
        func list(_ counts: [IssueCode: Int]) -> JSONValue? {
            guard !counts.isEmpty else { return nil }
            let sorted = counts.sorted { $0.key.rawValue < $1.key.rawValue }
            return .object(sorted.map { ($0.key.rawValue, .integer(Int64($0.value))) })
        }
        return [
            ("error_codes", list(transaction.issues.errors)),
            ("warning_codes", list(transaction.issues.warnings)),
        ]
        .compactMap { pair in pair.1.map { (pair.0, $0) } }
    }

    private func disposal(of state: FileState) -> DisposalAction {
        switch (settings.after, state) {
        case (.leave, _): .leave
        case (_, .failed), (_, .discarded): .failed
        case (.delete, .loaded), (.delete, .duplicate): .delete
        default: .processed
        }
    }

    /// A loaded snapshot ends what waited for its type: held files, and rows parked from older ones.
    private func endOthers(_ settlement: Settlement) throws {
        let type = file.type
        guard !settlement.isCorrection else { return }
        // The other parts of one delivery are no older files.
        var parts: Set<Int64> = []
        if case .batch = occasion {
            parts = batch.siblings(of: file, united: settings.unitesParts)?.files ?? []
        }
        if endsAllParking(settlement), parts.isEmpty || siblings?.hasEndedParking != true {
            try transaction.endParking(type: type.name, .all, except: parts, run: batch.run)
        }
        try transaction.supersedeHeld(
            type: type.name,
            except: parts,
            disposal: settings.after == .leave ? .leave : .processed,
            run: batch.run
        )
    }

    /// Whether a file that is applied ends the parking of all rows of older files.
    func endsAllParking(_ settlement: Settlement) -> Bool {
        !settlement.isCorrection && isSnapshotType && !settings.deltaTypes.contains(type.name)
    }
}
