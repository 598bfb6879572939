import Intake
import Ledger
import Receivables

/// Loads the received members of a run's batch, type by type; parked rows heal right after their parents' files.
struct RunLoad: Sendable {
    let run: OpenRun
    let files: FileLedger
    let spool: Spool
    let book: SpoolLedger
    let settings: RunSettings
    let steps: RunSteps
    let clock: RunClock
    let stop: RunStop
    let deadline: Duration
    let progress: (@Sendable (RunProgress) -> Void)?

    func callAsFunction() async throws {
        try settleUnloadable()
        let waiting = Set(try files.toLoad(in: run.id).map(\.id))
        // Siblings that are settled already still count as files of this batch, as if nothing had interrupted it.
        let all = try files.received(in: run.id).compactMap(file(of:))
        let day = Day(at: Int(clamping: run.slot.seconds), in: settings.zone) ?? Day(at: 0, in: "UTC")
        guard let day else { return }
        var batch = Batch(run: run.id, slot: run.slot, day: day, files: all)
        let queue = batch.ordered.filter { waiting.contains($0.fileID) }
        var next = 0
        var healed: Set<String> = []
        for type in Catalogue.types {
            if next < queue.count, queue[next].type.name == type.name,
                try await onOwnThread({ [steps, batch] in try steps.isDistrusted(type, batch) })
            {
                batch.suspended.insert(type.name)
            }
            while next < queue.count, queue[next].type.name == type.name {
                if stop.isSet { throw RunInterruption() }
                let rest = queue[next...].map(\.fileID)
                guard clock.uptime() < deadline else {
                    try files.defer(rest, reason: .runDeadline, in: run.id, at: clock.now())
                    next = queue.count
                    break
                }
                progress?(.loading(name: queue[next].name, file: next + 1, of: queue.count))
                guard try await load(queue[next], in: batch, rest: rest) else { return }
                next += 1
            }
            if stop.isSet { throw RunInterruption() }
            // Rows that heal may be the parents of others.
            guard try healed.contains(type.name) || files.appliedTypes(in: run.id).contains(type.name) else {
                continue
            }
            healed.formUnion(try await onOwnThread { [steps, batch] in try steps.heal(type, batch) })
        }
    }

    /// Returns whether it makes sense to go on with the next file.
    private func load(_ file: ReceivedFile, in batch: Batch, rest: [Int64]) async throws -> Bool {
        do {
            try await onOwnThread { [steps, stop] in
                try steps.load(file, batch) { stop.isOverdue }
            }
            return true
        } catch LoadFailure.interrupted {
            throw RunInterruption()
        } catch LoadFailure.spool(let code) {
            let reason = SpoolFailure.io("read", code).description
            try files.defer(
                [file.fileID],
                reason: .fetchFailed,
                message: reason,
                in: run.id,
                at: clock.now()
            )
            return true
        } catch {
            switch LedgerTrouble(error) {
            case .busy:
                try files.defer([file.fileID], reason: .ledgerBusy, in: run.id, at: clock.now())
                return true
            case .full:
                // Small writes may still pass where a load does not; if not, the run is resumed later.
                try files.defer(rest, reason: .diskLow, in: run.id, at: clock.now())
                let free = try spool.freeBytes()
                try book.noteDisk(isLow: true, freeBytes: free, run: run.id, at: clock.now())
                return false
            case nil: throw error
            }
        }
    }

    /// Settles what no loader takes: files of no type, and files whose copy is lost.
    private func settleUnloadable() throws {
        for member in try files.toLoad(in: run.id) {
            if let copy = member.sha256, !spool.holds(copy) {
                try files.forget(member.id, in: run.id, at: clock.now())
            } else if member.type.flatMap(Catalogue.type(named:)) == nil {
                let finding = Finding.unknownType(name: member.name)
                try files.fail(
                    member.id,
                    finding.code,
                    finding.message(),
                    after: settings.after,
                    in: run.id,
                    at: clock.now()
                )
            }
        }
    }

    private func file(of member: Member) -> ReceivedFile? {
        guard let type = member.type.flatMap(Catalogue.type(named:)), let sha256 = member.sha256 else {
            return nil
        }
        return ReceivedFile(
            fileID: member.id,
            type: type,
            name: member.name,
            mtime: member.mtime,
            size: member.size ?? 0,
            sha256: sha256,
            spoolPath: spool.path(of: sha256)
        )
    }
}
