import Glibc
package import Intake
package import Ledger
import Threads

/// Carries out on the server what the ledger has ordered: moves, removals and error reports.
///
/// Looks before it acts, so that each order may be tried again after any interruption. Nothing it does, or fails to do,
/// changes what was loaded.
package struct Disposer: Sendable {
    /// How many names are tried for one file before it is left for later.
    private static let names = 100
    /// How many orders are read from the ledger at a time.
    private static let lot = 1000

    private let ledger: DisposalLedger
    private let errors: ErrorReport
    private let inbox: any Inbox
    private let spool: Spool
    private let marker: RunSettings.Marker
    private let width: Int
    private let clock: RunClock
    private let stop: RunStop
    private let progress: (@Sendable (RunProgress) -> Void)?
    private let places = PlaceLocks()
    /// A report is read from its file again, with the memory that takes.
    private let reports = Turnstile(width: 2)

    package init(
        ledger: Ledger,
        inbox: any Inbox,
        spool: Spool,
        settings: RunSettings,
        clock: RunClock = .host,
        stop: RunStop,
        progress: (@Sendable (RunProgress) -> Void)? = nil
    ) {
        self.ledger = DisposalLedger(ledger)
        errors = ErrorReport(ledger: ledger, spool: spool, settings: settings)
        self.inbox = inbox
        self.spool = spool
        marker = settings.marker
        width = settings.disposalsAtOnce
        self.clock = clock
        self.stop = stop
        self.progress = progress
    }

    /// Tries what is to be done.
    ///
    /// `time`: only what is due by then; `nil` for all that is not done. Returns early when a stop is wanted or the inbox
    /// fails as a whole. Throws errors of the ledger only.
    package func carryOut(dueAt time: Timestamp? = nil) async throws {
        try ledger.closeLeft(at: clock.now())
        var lots = DisposalLots(total: try ledger.pending())
        ResidentCode.letGo(forFiles: lots.total)
        while case let due = try ledger.due(at: time, after: lots.last, limit: Self.lot), !due.isEmpty {
            try ledger.aim(due.compactMap(firstAim(of:)))
            let window = DisposalWindow(ledger: ledger, clock: clock, width: width)
            do {
                let isInboxWell = try await stop.orFinish { [self, lots] in
                    try await window.carryOut(due, by: attempt) { done in
                        progress?(.disposing(file: lots.done + done, of: lots.total))
                    }
                }
                guard isInboxWell else { return }
            } catch is RunInterruption {
                return
            } catch is CancellationError {
                return
            }
            lots.note(due)
        }
    }

    /// Where a file goes unless something lies there; `nil` where that needs a look first.
    private func firstAim(of disposal: DueDisposal) -> (file: Int64, target: [UInt8])? {
        guard disposal.target == nil, !disposal.isMoved, !disposal.isGone, !disposal.wantsReport,
            disposal.action != .delete,
            let place = DisposalTarget(disposal)?.place(in: disposal.folder, attempt: 0)
        else { return nil }
        return (disposal.file, place.bytes)
    }

    private func attempt(_ disposal: DueDisposal) async -> DisposalWindow.Outcome {
        do {
            return .through(try await carryOut(disposal))
        } catch InboxFailure.cancelled {
            return .stopped
        } catch let failure as InboxFailure {
            return .failed(file: disposal.file, error: failure.message, endsAll: failure.endsTheRun)
        } catch let failure as ErrorReportFailure {
            return .failed(file: disposal.file, error: "no error report: \(failure)", endsAll: false)
        } catch {
            return .broken(error)
        }
    }

    private func carryOut(_ disposal: DueDisposal) async throws -> DoneDisposal {
        guard let target = DisposalTarget(disposal), let source = RemotePath(bytes: disposal.path) else {
            throw InboxFailure.other("the path cannot be used")
        }
        var done = DoneDisposal(file: disposal.file)
        var place: RemotePath?
        if disposal.isMoved {
            place = disposal.target.flatMap { RemotePath(bytes: $0) }
        } else {
            do {
                place = try await move(disposal, from: source, target)
                if let place { await moveMarker(of: source, beside: place) }
            } catch InboxFailure.gone {
                done.note = "gone"
            } catch InboxFailure.changed {
                done.note = "replaced"
            }
            if disposal.wantsReport { try ledger.moved(disposal.file, at: clock.now()) }
        }
        done.target = place?.text
        if disposal.wantsReport {
            let name = place?.name ?? target.freeName(attempt: 0)
            done.report = try await upload(disposal, target, name: name)?.text
        }
        return done
    }

    /// Returns where the file lies now; throws ``InboxFailure/gone`` and ``InboxFailure/changed`` when it is not ours any more.
    private func move(
        _ disposal: DueDisposal,
        from source: RemotePath,
        _ target: DisposalTarget
    ) async throws -> RemotePath? {
        guard let name = source.name else { throw InboxFailure.gone }
        let entry = InboxEntry(
            directory: source.parent,
            name: name,
            size: disposal.size,
            modified: disposal.mtime
        )
        let aimed = disposal.target.flatMap { RemotePath(bytes: $0) }
        if disposal.isGone {
            // Perhaps it was our own move whose reply was lost; what lies at the source is another file.
            guard let aimed, let found = try await inbox.look(at: aimed), found.isUnchanged(since: entry)
            else { throw InboxFailure.gone }
            return aimed
        }
        if disposal.action == .delete {
            try await inbox.remove(entry)
            return nil
        }
        if let aimed {
            do {
                try await move(entry, to: aimed)
                return aimed
            } catch {
                // Otherwise another file took the place since we chose it.
                guard error == .targetTaken else { throw error }
            }
        }
        for attempt in 0..<Self.names {
            guard let place = target.place(in: disposal.folder, attempt: attempt), place != aimed else {
                continue
            }
            // The report shares the name, so that must be free as well.
            if disposal.wantsReport, let report = place.name.flatMap({ target.report(of: $0) }),
                try await inbox.look(at: report) != nil
            {
                continue
            }
            try ledger.aim([(disposal.file, place.bytes)])
            do {
                try await move(entry, to: place)
                return place
            } catch {
                guard error == .targetTaken else { throw error }
            }
        }
        throw InboxFailure.targetTaken
    }

    /// Not every server refuses to overwrite: no two files go to one place at the same time.
    private func move(_ entry: InboxEntry, to place: RemotePath) async throws(InboxFailure) {
        await places.enter(place)
        do {
            try await inbox.move(entry, to: place)
        } catch {
            await places.leave(place)
            throw error
        }
        await places.leave(place)
    }

    private func upload(
        _ disposal: DueDisposal,
        _ target: DisposalTarget,
        name: RemoteName
    ) async throws -> RemotePath? {
        guard let local = try await report(of: disposal.file) else { return nil }
        defer { unlink(local) }
        var names = [name]
        names += (1..<Self.names).map { target.freeName(attempt: $0) }
        for name in names {
            guard let place = target.report(of: name) else { continue }
            do {
                await places.enter(place)
                try await inbox.upload(.file(path: local), to: place)
                await places.leave(place)
                return place
            } catch {
                await places.leave(place)
                guard error == .targetTaken else { throw error }
            }
        }
        throw InboxFailure.targetTaken
    }

    private func report(of file: Int64) async throws -> String? {
        await reports.enter()
        do {
            let path = try await onOwnThread { [self] in try writeReport(of: file) }
            await reports.leave()
            return path
        } catch {
            await reports.leave()
            throw error
        }
    }

    /// Writes the report to a file of ours; `nil` when there is nothing to report, or nothing left to report from.
    private func writeReport(of file: Int64) throws -> String? {
        let path = spool.leftoverPath("report-\(file)")
        guard let stream = fopen(path, "we") else {
            throw InboxFailure.sinkFailed("the error report: \(errno)")
        }
        defer { fclose(stream) }
        do {
            let lines = try errors.write(file) { bytes in
                guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else {
                    throw InboxFailure.sinkFailed("the error report: \(errno)")
                }
            }
            guard lines > 0, fflush(stream) == 0 else {
                unlink(path)
                return nil
            }
            return path
        } catch ErrorReportFailure.pruned {
            unlink(path)
            return nil
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Takes a file's marker along: left behind, it would vouch for the next file of that name before that is complete.
    private func moveMarker(of source: RemotePath, beside place: RemotePath) async {
        guard let suffix = marker.suffix.map({ Array($0.utf8) }), let name = place.name,
            let mark = RemotePath(bytes: source.bytes + suffix),
            let target = place.parent.appending(RemoteName(name.bytes + suffix))
        else { return }
        do {
            guard let entry = try await inbox.look(at: mark), entry.kind == .file else { return }
            try await inbox.move(entry, to: target)
        } catch {
            // The file itself is where it belongs; a marker that stays is no reason to try for ever.
        }
    }
}

extension DueDisposal {
    /// The folder beside the drop place that it goes to.
    fileprivate var folder: RemoteName { action == .failed ? "failed" : "processed" }
}
