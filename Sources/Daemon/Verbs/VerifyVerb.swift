import Ingestion
import Intake
import Ledger

/// `ledgerdrop verify`: reads everything that a drop keeps and says whether it holds together.
///
/// Works while a daemon runs: ledger and log are compared as of one moment.
package enum VerifyVerb {
    /// Looks at ledger, spool and status log; blocks for as long as reading all of them takes.
    ///
    /// - Throws: ``CommandFailure`` when there is no ledger; else why it cannot even be opened.
    package static func verify(_ configuration: Configuration) throws -> VerifyReport {
        let folder = configuration.stateDirectory
        let log = "\(folder)/status.log"
        // Asked first: a daemon that goes away in between leaves less behind, not more.
        let isHeld = KernelLock.holder(in: folder) != nil
        let told = StatusLogAudit.size(path: log)
        let ledger = try DropReader(configuration).ledger
        guard ledger.dropName == configuration.name else {
            throw LedgerFailure.otherDrop(ledger.dropName)
        }
        let horizon = HostTime().now.adding(seconds: -configuration.spoolKeep.components.seconds)
        let audit = try LedgerAudit(ledger, copiesSettledSince: horizon)
        var report = VerifyReport(drop: configuration.name, audit)
        // A ledger with broken pages has no list of copies and no sequence to compare with.
        guard audit.isWhole else { return report }
        try lookAtSpool(folder: "\(folder)/spool", audit, &report)
        try lookAtSources(configuration, ledger, &report)
        try lookAtLog(path: log, size: told, ledger, isHeld: isHeld, audit, &report)
        if !isHeld, !audit.openRuns.isEmpty {
            let runs = audit.openRuns.map { "\($0)" }.joined(separator: ", ")
            report.notes.append("run \(runs) was interrupted; the next start goes on with it")
        }
        return report
    }

    private static func lookAtSpool(folder: String, _ audit: LedgerAudit, _ report: inout VerifyReport) throws
    {
        let spool = try Spool(folder: folder)
        report.begin("spool_copies", .damage)
        var bytes: Int64 = 0
        let copies = try spool.copies()
        for copy in copies {
            guard let measure = try spool.measure(copy) else { continue }
            bytes += measure.size
            if measure.sha256 != copy { report.add("spool copy \(copy) holds other bytes") }
        }
        report.begin("spool_complete", .damage)
        for needed in audit.neededCopies {
            guard let size = spool.size(of: needed.sha256) else {
                report.add("file \(needed.file) has no spool copy \(needed.sha256)")
                continue
            }
            if let expected = needed.size, expected != size {
                report.add("file \(needed.file) has \(expected) bytes, its spool copy \(size)")
            }
        }
        let unknown = copies.filter { !audit.knownCopies.contains($0) }
        report.counts += [
            ("spool_copies", Int64(copies.count)), ("spool_bytes", bytes),
            ("spool_copies_unknown", Int64(unknown.count)),
        ]
    }

    private static func lookAtSources(
        _ configuration: Configuration,
        _ ledger: Ledger,
        _ report: inout VerifyReport
    ) throws {
        let sources = try SourceAudit(
            ledger,
            spoolFolder: "\(configuration.stateDirectory)/spool",
            settings: LoadSettings(configuration)
        )
        report.begin("source_rows", .fault)
        for finding in sources.rowFindings { report.add(finding) }
        report.begin("source_amounts", .fault)
        for finding in sources.amountFindings { report.add(finding) }
        report.counts += [
            ("source_files", sources.files), ("source_files_unread", sources.unread),
            ("source_rows", sources.rows), ("source_amounts", sources.amounts),
        ]
    }

    private static func lookAtLog(
        path: String,
        size: Int64,
        _ ledger: Ledger,
        isHeld: Bool,
        _ audit: LedgerAudit,
        _ report: inout VerifyReport
    ) throws {
        report.begin("status_log", .damage)
        let log = try StatusLogAudit(path: path, size: size, of: ledger)
        for finding in log.findings { report.add(finding) }
        report.counts.append(("status_log_lines", log.lines))
        guard !isHeld, log.findings.isEmpty else { return }
        if log.tornBytes > 0 {
            report.notes.append("the status log ends within a line; the next start cuts it off")
        }
        // A log that was just rotated away has not told anything yet.
        if log.lines > 0, log.lastTold < audit.lastEvent {
            report.notes.append(
                "\(audit.lastEvent - log.lastTold) events are not told yet; the next start does"
            )
        }
    }
}
