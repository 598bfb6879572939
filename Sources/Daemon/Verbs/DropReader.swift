import Foundation
import Ledger

/// The verbs that only look: they open the ledger read-only and work whether a daemon runs or not.
package struct DropReader: Sendable {
    private let configuration: Configuration
    let ledger: Ledger

    /// - Throws: ``CommandFailure`` when there is no ledger yet; else why it cannot be opened.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        let path = "\(configuration.stateDirectory)/ledger.sqlite"
        do {
            ledger = try Ledger.openReadOnly(path: path)
        } catch LedgerFailure.missing {
            let shown = DisplayText(path, limit: 4096).escaped
            throw CommandFailure(
                .noInput,
                "\(shown): there is no ledger yet; it is made by the first run or poll"
            )
        }
    }

    private var now: Timestamp { HostTime().now }

    /// `status`.
    package func status() throws -> StatusReport {
        let now = now
        return StatusReport(
            configuration,
            overview: try StatusQueries(ledger).overview(),
            arrivals: try ArrivalWatch.standings(configuration, in: ledger, now: now),
            disk: DiskUse.of(path: configuration.stateDirectory, ledger: ledger),
            holder: KernelLock.holder(in: configuration.stateDirectory),
            now: now
        )
    }

    /// `files`, newest first.
    package func files(state: String?, type: String?, limit: Int) throws -> any Report {
        FilesReport(try FileQueries(ledger).list(state: state, type: type, limit: limit), now: now)
    }

    /// `explain FILE`.
    ///
    /// - Throws: ``NeverSeen`` with the nearest names for one that was never seen.
    package func explain(_ file: String) throws -> any Report {
        try ExplainReport(
            find(file),
            in: ledger,
            schedule: Schedule(minute: configuration.schedule.minute),
            now: now
        )
    }

    /// The ledger's id for what an operator calls a file; of several with one name, the newest, or the newest in
    /// `state` if one is.
    package func id(of file: String, preferring state: String? = nil) throws -> Int64 {
        let files = try find(file)
        return files.first { $0.state == state }?.id ?? files[0].id
    }

    /// `recipients list`.
    package func recipients() throws -> any Report {
        RecipientsReport(try StatusQueries(ledger).recipients())
    }

    /// Whether the configured list of recipients says something else than the ledger, whose list counts.
    package func recipientsDiffer() throws -> Bool {
        let configured = Set(configuration.alerts.recipients.map { $0.lowercased() })
        guard !configured.isEmpty else { return false }
        return try Set(StatusQueries(ledger).recipients().map { $0.lowercased() }) != configured
    }

    /// Every appearance of a file, newest first; never empty.
    private func find(_ file: String) throws -> [FileRow] {
        let queries = FileQueries(ledger)
        if let id = Int64(file), let row = try queries.file(id) { return [row] }
        let rows = try queries.named(file)
        guard rows.isEmpty else { return rows }
        throw try NeverSeen(
            file,
            in: ledger,
            schedule: Schedule(minute: configuration.schedule.minute),
            now: now
        )
    }
}

/// `ledgerdrop recipients list`: one address a line.
private struct RecipientsReport: Report {
    let addresses: [String]

    init(_ addresses: [String]) { self.addresses = addresses }

    var text: String { addresses.map { "\(DisplayText($0).escaped)\n" }.joined() }
    var json: String { JSONValue.list(addresses.map { .text($0) }).json }
}
