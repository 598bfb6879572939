package import Ledger

/// The numbers of one drop in Prometheus' text form (`operations.md` 15).
package struct Metrics: Sendable {
    /// What the disk says, besides the ledger.
    package struct Disk: Sendable, Equatable {
        package var ledgerBytes: Int64 = 0
        package var walBytes: Int64 = 0
        package var spoolBytes: Int64 = 0
        package var freeBytes: Int64 = 0

        package init(ledgerBytes: Int64 = 0, walBytes: Int64 = 0, spoolBytes: Int64 = 0, freeBytes: Int64 = 0)
        {
            self.ledgerBytes = ledgerBytes
            self.walBytes = walBytes
            self.spoolBytes = spoolBytes
            self.freeBytes = freeBytes
        }
    }

    private enum Kind: String {
        case gauge
        case counter
    }

    /// One number, perhaps one of several that differ by a label.
    private struct Sample {
        var labels: [(name: String, value: String)]
        var value: String

        init(labels: [(name: String, value: String)] = [], value: String) {
            self.labels = labels
            self.value = value
        }

        init(label: (name: String, value: String), value: String) {
            self.init(labels: [label], value: value)
        }
    }

    private let drop: String
    private var lines = ""

    /// The whole text file.
    package static func text(
        drop: String,
        version: String,
        ledger: MetricsQueries.Snapshot,
        disk: Disk,
        now: Timestamp
    ) -> String {
        var metrics = Metrics(drop: drop)
        metrics.addRuns(ledger, now: now)
        metrics.addStock(ledger, disk, now: now)
        metrics.addCounters(ledger)
        metrics.add(
            "build_info",
            .gauge,
            "The program's version.",
            [Sample(label: ("version", version), value: "1")]
        )
        return metrics.lines
    }

    private init(drop: String) {
        self.drop = drop
    }

    private mutating func addRuns(_ ledger: MetricsQueries.Snapshot, now: Timestamp) {
        add(
            "last_run_start_timestamp_seconds",
            .gauge,
            "When the last run began.",
            seconds(ledger.lastRunStart)
        )
        add(
            "last_run_success_timestamp_seconds",
            .gauge,
            "When the last finished run ended.",
            seconds(ledger.lastSuccess)
        )
        let duration = ledger.lastDuration.map { [Sample(value: decimal(milliseconds: $0))] } ?? []
        add("last_run_duration_seconds", .gauge, "How long the last finished run took.", duration)
        add(
            "inbox_oldest_file_age_seconds",
            .gauge,
            "How long the oldest waiting file has been seen; 0 without one.",
            [Sample(value: age(ledger.oldestWaiting, now))]
        )
    }

    private mutating func addStock(_ ledger: MetricsQueries.Snapshot, _ disk: Disk, now: Timestamp) {
        add(
            "held_files",
            .gauge,
            "Files that a person must release or discard.",
            [Sample(value: "\(ledger.heldFiles)")]
        )
        add(
            "parked_rows",
            .gauge,
            "Rows that wait for their parent.",
            [Sample(value: "\(ledger.parkedRows)")]
        )
        add(
            "disposals_pending",
            .gauge,
            "Settled files that still lie where they were dropped.",
            [Sample(value: "\(ledger.disposalsPending)")]
        )
        let depths = ["queued", "dead"].map {
            Sample(label: ("state", $0), value: "\(ledger.mails[$0] ?? 0)")
        }
        add("mail_queue_depth", .gauge, "Mails that have not been sent.", depths)
        add(
            "mail_queue_oldest_age_seconds",
            .gauge,
            "How long the oldest queued mail has waited; 0 without one.",
            [Sample(value: age(ledger.oldestMail, now))]
        )
        add("ledger_bytes", .gauge, "Size of the ledger.", [Sample(value: "\(disk.ledgerBytes)")])
        add("wal_bytes", .gauge, "Size of the ledger's write-ahead log.", [Sample(value: "\(disk.walBytes)")])
        add("spool_bytes", .gauge, "Size of the spool.", [Sample(value: "\(disk.spoolBytes)")])
        add(
            "state_free_bytes",
            .gauge,
            "Room left for the state directory.",
            [Sample(value: "\(disk.freeBytes)")]
        )
        let arrivals = ledger.arrivals.sorted { $0.key < $1.key }.flatMap { type, state in
            ArrivalState.allCases.map {
                Sample(labels: [("type", type), ("state", $0.rawValue)], value: state == $0 ? "1" : "0")
            }
        }
        add("arrival_state", .gauge, "How the types that are expected stand: 1 for their state.", arrivals)
        add("open_incidents", .gauge, "Conditions that last.", byLabel("kind", ledger.openIncidents))
        addReconciliation(ledger.reconciliation)
    }

    private mutating func addReconciliation(_ summary: ReconciliationQueries.Summary?) {
        guard let summary else { return }
        add(
            "reconciliation_variances",
            .gauge,
            "Customers whose open items do not come to their stated balance.",
            [Sample(value: "\(summary.variances)")]
        )
        add(
            "reconciliation_variance_amount",
            .gauge,
            "Stated less computed balances, without their signs, added up.",
            summary.totals.map { Sample(labels: [("currency", $0.currency)], value: $0.gross) }
        )
    }

    private mutating func addCounters(_ ledger: MetricsQueries.Snapshot) {
        add("runs_total", .counter, "Runs by how they ended.", byLabel("state", ledger.runs))
        let passing = ["waiting", "received", "held"]
        let settled = ledger.files.filter { !passing.contains($0.key) }
        add("files_total", .counter, "Files by how they were settled.", byLabel("state", settled))
        add("rows_total", .counter, "Rows by what became of them.", byLabel("result", ledger.rows))
        add("bytes_received_total", .counter, "Bytes fetched.", [Sample(value: "\(ledger.bytesReceived)")])
        add(
            "hostkey_mismatch_total",
            .counter,
            "Runs that met a host key that is not pinned.",
            [Sample(value: "\(ledger.hostKeyMismatches)")]
        )
        add("mails_total", .counter, "Mails by state.", byLabel("state", ledger.mails))
    }

    private mutating func add(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ samples: [Sample]
    ) {
        guard !samples.isEmpty else { return }
        lines += "# HELP ledgerdrop_\(name) \(help)\n# TYPE ledgerdrop_\(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { ",\($0.name)=\"\(escaped($0.value))\"" }.joined()
            lines += "ledgerdrop_\(name){drop=\"\(escaped(drop))\"\(labels)} \(sample.value)\n"
        }
    }

    private func byLabel(
        _ label: String,
        _ counts: [String: Int64]
    ) -> [Sample] {
        counts.sorted { $0.key < $1.key }.map { Sample(label: (label, $0.key), value: "\($0.value)") }
    }

    private func seconds(_ time: Timestamp?) -> [Sample] {
        time.map { [Sample(value: decimal(milliseconds: $0.milliseconds))] } ?? []
    }

    private func age(_ since: Timestamp?, _ now: Timestamp) -> String {
        since.map { decimal(milliseconds: max(0, now.milliseconds - $0.milliseconds)) } ?? "0"
    }

    private func decimal(milliseconds: Int64) -> String {
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - min(3, fraction.count))
            + fraction
    }

    private func escaped(_ label: String) -> String {
        label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
