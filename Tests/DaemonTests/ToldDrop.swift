import Daemon
import Foundation
import Ledger
import Receivables
import Testing

/// A ledger whose files go through their lives by the ledger's own steps, each at a given time.
final class ToldDrop {
    let folder = TemporaryFolder()
    let ledger: Ledger
    /// When the reports are read.
    var now = ToldDrop.time("2026-11-22T10:28:00.000Z")

    init() throws {
        ledger = try Ledger.open(
            path: folder.path + "/ledger.sqlite",
            drop: Drop(name: "acme", inboxURL: "file:///srv/drop"),
            owner: "test",
            time: Self.time("2026-11-20T08:00:00.000Z")
        )
        _ = try RecipientLedger(ledger).seed(
            ["ar-ops@acme.example"],
            at: Self.time("2026-11-20T08:00:00.000Z")
        )
    }

    static func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(milliseconds: 0) }

    func entry(_ path: String, _ disposition: Disposition, size: Int64, row: Int64? = nil) -> PlannedEntry {
        let parts = path.split(separator: "/").map(String.init)
        return PlannedEntry(
            path: Array(path.utf8),
            directory: parts.dropLast().joined(separator: "/"),
            name: parts.last ?? "",
            type: parts.first,
            size: size,
            mtime: 1,
            disposition: disposition,
            row: row
        )
    }

    /// One run up to its plan: listed at the top of an hour, confirmed half a minute later.
    func run(_ hour: String, _ entries: PlannedEntry...) throws -> Int64 {
        let slot = Self.time("\(hour):00:00.000Z")
        let run = try #require(try RunLedger(ledger).begin(.slot, slot: slot, at: slot))
        try PlanLedger(ledger).commit(
            entries,
            absent: [],
            counts: PlanCounts(of: entries.map(\.disposition), listed: entries.count),
            run: run,
            at: slot.adding(seconds: 30)
        )
        return run
    }

    func receive(_ file: Int64, size: Int64, in run: Int64, at time: Timestamp) throws {
        let sha256 = "4be1c02d77a9" + String(repeating: "0", count: 52)
        try FileLedger(ledger).receive(
            [ReceivedCopy(id: file, sha256: sha256, size: size)],
            in: run,
            at: time
        )
    }

    func settle(
        _ file: Int64,
        _ settlement: Settlement,
        at time: Timestamp,
        finding: (IssueLog) throws -> Void = { _ in }
    ) throws {
        try ledger.load(file: file, at: time) { transaction in
            try transaction.beginAttempt()
            try finding(transaction.issues)
            try transaction.settle(settlement)
        }
    }

    func explain(_ name: String) throws -> ExplainReport {
        let queries = FileQueries(ledger)
        let files = try queries.named(name)
        try #require(!files.isEmpty)
        return try ExplainReport(files, in: ledger, schedule: Schedule(minute: 0), now: now)
    }
}

/// Compares a whole text with the file of that name; `UPDATE_GOLDEN=1` writes the file instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        try Data(text.utf8).write(to: file)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, sourceLocation: sourceLocation)
}
