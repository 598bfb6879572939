import Intake
import Ledger
import Receivables
import Threads

/// Looks at the files of the validate folders: what each would become if it came now, in a report that is written back.
///
/// Nothing is loaded. A file is looked at once; the report and the file's own way are an order of the ledger, carried out
/// by ``ValidationDisposer``.
struct Validation: Sendable {
    /// How many files one run looks at; the others wait for the next.
    private static let perRun = 200

    let run: OpenRun
    let inbox: any Inbox
    let spool: Spool
    let book: ValidationLedger
    let settings: RunSettings
    let steps: RunSteps
    let clock: RunClock
    let stop: RunStop
    let deadline: Duration

    /// - Throws: ``RunInterruption``, or an error of the ledger or the spool.
    func callAsFunction(_ found: [InboxEntry]) async throws {
        let folders = ValidateFolders(inbox: inbox)
        guard !found.isEmpty else { return }
        let known = try book.known(among: found.compactMap(Self.sighting))
        let fresh = found.filter { entry in Self.sighting(entry).map { !known.contains($0) } ?? false }
        for entry in fresh.sorted(by: { ($0.directory, $0.name) < ($1.directory, $1.name) }).prefix(
            Self.perRun
        ) {
            if stop.isSet { throw RunInterruption() }
            guard clock.uptime() < deadline else { return }
            guard let type = folders.type(of: entry.directory) else { continue }
            guard entry.size ?? 0 <= settings.fileBytes else {
                try refuse(entry, type)
                continue
            }
            // What cannot be fetched now is looked at in the next run.
            guard let copy = try await fetch(entry) else { continue }
            let file = ReceivedFile(
                fileID: 0,
                type: type,
                name: entry.name.text,
                mtime: entry.modified,
                size: copy.size,
                sha256: copy.sha256,
                spoolPath: spool.path(of: copy.sha256)
            )
            let difference = try await onOwnThread { [run, settings, steps, stop] in
                try steps.preview(file, run.slot, settings.zone) { stop.isOverdue }
            }
            guard let difference else { return }
            try commit(entry, type, difference, report: ValidationReport(difference).bytes)
        }
    }

    private static func sighting(_ entry: InboxEntry) -> Sighting? {
        entry.path.map { Sighting(path: $0.bytes, size: entry.size, mtime: entry.modified) }
    }

    private func fetch(_ entry: InboxEntry) async throws -> (sha256: String, size: Int64)? {
        try await stop.orFinish { [inbox, spool, settings] in
            var kept: (sha256: String, size: Int64)?
            do {
                try await inbox.fetch(
                    [entry],
                    into: { entry in try spool.makeCopy(size: entry.size, reserve: settings.freeBytes) },
                    finished: { _, result in
                        // Without room on our disk it waits, as any file does.
                        if case .success(let copy) = result { kept = try? spool.keep(copy) }
                    }
                )
            } catch InboxFailure.cancelled {
                throw CancellationError()
            } catch {
                return nil
            }
            return kept
        }
    }

    private func refuse(_ entry: InboxEntry, _ type: RecordType) throws {
        let text = "File \(entry.size ?? 0) bytes exceeds the limit \(settings.fileBytes) bytes."
        let difference = Difference(
            name: entry.name.text,
            type: type.name,
            state: .failed,
            reason: "too_large"
        )
        let report = ValidationReport(refusing: "too_large", message: text).bytes
        try commit(entry, type, difference, report: report)
    }

    private func commit(
        _ entry: InboxEntry,
        _ type: RecordType,
        _ difference: Difference,
        report: [UInt8]
    ) throws {
        guard let path = entry.path else { return }
        try book.order(
            ValidationLedger.Order(
                path: path.bytes,
                name: entry.name.text,
                type: type.name,
                size: entry.size,
                mtime: entry.modified,
                report: report,
                after: settings.after
            ),
            difference,
            run: run.id,
            at: clock.now()
        )
    }
}
