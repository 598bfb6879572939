import Foundation
import GRDB
import Ingestion
import Ledger
import Receivables
import Testing

/// The loader against the model: the same random days through both, and everything that can be seen must be equal.
struct ModelAgreementTests {
    /// More seeds than a commit's tests take, for whoever wants to look deeper.
    static var seeds: [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["LEDGERDROP_SEED"].flatMap(UInt64.init) { return [seed] }
        let count = environment["LEDGERDROP_SEEDS"].flatMap(UInt64.init) ?? 40
        return Array(1...count)
    }

    @Test(.serialized, .timeLimit(.minutes(30)), arguments: seeds)
    func `random days end in the ledger as the model says`(seed: UInt64) throws {
        var generator = DropGenerator(seed: seed)
        let story = generator.drop()
        var model = ModelLedger(settings: story.settings)
        let replay = try ModelReplay(story.settings)
        for (number, step) in story.steps.enumerated() {
            model.perform(step)
            try replay.perform(step)
            let differences = try replay.differences(from: model)
            #expect(
                differences.isEmpty,
                "seed \(seed), step \(number): \(differences.joined(separator: "\n"))"
            )
            if !differences.isEmpty { return }
        }
    }
}

/// Drives the loader through a story of the model.
final class ModelReplay: Replay {
    let drop: LoadingDrop
    private var batches: [Int64: (file: ReceivedFile, batch: Batch)] = [:]

    init(_ settings: ModelSettings, tuning: LoadTuning = LoadTuning()) throws {
        var load = LoadSettings()
        load.tuning = tuning
        load.orphansFail = settings.orphans == .fail
        load.blankKeeps = settings.blankMeans == .keep
        load.duplicates =
            settings.duplicates == .fail ? .fail : settings.duplicates == .first ? .first : .last
        load.unitesParts = settings.snapshotParts == .union
        load.contactsAreSnapshot = settings.contactsMode == .fullSnapshot
        load.guardShare = Double(settings.guardShare) / 100
        load.guardRows = settings.guardRows
        load.guardShrink = Double(settings.guardShrink) / 100
        load.deltaTypes = settings.delta
        load.createsStubs = settings.createStubCustomers
        load.parkFor = Int64(settings.parkFor)
        drop = try LoadingDrop(load, views: ViewSettings(unappliedFromFile: settings.unapplied == .file))
    }

    func perform(_ step: ModelStep) throws {
        switch step {
        case .batch(let batch):
            drop.now = Timestamp(milliseconds: Int64(batch.slot) * 1000)
            let files = batch.files.map { file in
                LoadingDrop.File(file.type, bytes: file.bytes, name: file.name, mtime: Int64(file.modified))
            }
            let (received, loaded) = try drop.load(files)
            for file in received { batches[file.fileID] = (file, loaded) }
        case .release(let type, let name, let at):
            guard let held = try held(type, name) else { return }
            drop.now = Timestamp(milliseconds: Int64(at) * 1000)
            let batch = try drop.makeBatch(held.batch.files)
            _ = try drop.loader.load(
                held.file,
                in: batch,
                occasion: .release(by: "test", reason: nil),
                at: drop.now
            )
            try drop.loader.healAll(after: held.file.type, in: batch, at: drop.now)
        case .discard(let type, let name, let at):
            guard let held = try held(type, name) else { return }
            drop.now = Timestamp(milliseconds: Int64(at) * 1000)
            _ = try FileDecision(drop.ledger).discard(
                held.file.fileID,
                by: "test",
                because: nil,
                disposal: .failed,
                at: drop.now
            )
        }
    }

    private func held(_ type: String, _ name: String) throws -> (file: ReceivedFile, batch: Batch)? {
        try drop.query(
            "SELECT file_id FROM files WHERE type = '\(type)' AND name = '\(name)' AND state = 'held'"
        )
        .first.flatMap(Int64.init).flatMap { batches[$0] }
    }

    /// What the ledger shows otherwise than the model, in words.
    func differences(from model: ModelLedger) throws -> [String] {
        var found: [String] = []
        for type in ModelType.all {
            let expected = model.view(type).map(Self.line).sorted()
            let actual = try rows(of: type.name).map(Self.line).sorted()
            let missing = expected.filter { !actual.contains($0) }
            let surplus = actual.filter { !expected.contains($0) }
            found +=
                missing.map { "\(type.name): model  \($0)" } + surplus.map { "\(type.name): ledger \($0)" }
        }
        let expected = model.results.map(Self.line).sorted()
        let actual = try files().sorted()
        found += expected.filter { !actual.contains($0) }.map { "model  \($0)" }
        found += actual.filter { !expected.contains($0) }.map { "ledger \($0)" }
        return found
    }

    private func rows(of view: String) throws -> [[String: String]] {
        try drop.ledger.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM \(view)").map { row in
                var values: [String: String] = [:]
                for (column, value) in row where column != "file_id" && column != "source" {
                    values[column] = String.fromDatabaseValue(value)
                }
                if let custom = values["custom"] {
                    values["custom"] = custom == "{}" ? nil : Self.sorted(custom)
                }
                return values
            }
        }
    }

    private static func sorted(_ json: String) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
        else {
            return json
        }
        let members = object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return "\(members.map { "\($0.key)=\($0.value)" })"
    }

    private static func line(_ row: [String: String]) -> String {
        var row = row
        if let custom = row["custom"], custom.hasPrefix("{") { row["custom"] = sorted(custom) }
        return row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    private static func line(_ result: ModelFileResult) -> String {
        let issues = result.issues.map { issue in
            "\(issue.record.map { "\($0)" } ?? "-") \(issue.severity) \(issue.code) \(issue.column ?? "-")"
        }
        return line(
            result.name,
            result.state,
            [
                result.total, result.inserted, result.updated, result.unchanged, result.rejected,
                result.parked,
                result.cleared, result.deleted,
            ],
            issues
        )
    }

    private static func line(_ name: String, _ state: String, _ counts: [Int], _ issues: [String]) -> String {
        // Which of the two a header without all columns is depends on the delimiter it is read under.
        let issues = issues.map { $0.replacing("missing_required_column", with: "missing_header") }
        return
            "\(name) \(state) \(counts.map(String.init).joined(separator: "/")) [\(issues.sorted().joined(separator: "; "))]"
    }

    private func files() throws -> [String] {
        try drop.ledger.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM files").map { row in
                let file: Int64 = row["file_id"]
                let counts = [
                    "rows_total", "rows_inserted", "rows_updated", "rows_unchanged", "rows_rejected",
                    "rows_parked",
                    "rows_cleared", "rows_deleted",
                ].map { row[$0] as Int? ?? 0 }
                let issues = try Row.fetchAll(
                    db,
                    sql: "SELECT * FROM row_issues WHERE file_id = ?",
                    arguments: [file]
                )
                .map { issue in
                    // A fault of the whole file stands where it was found, the model does not say where.
                    let isFailed = row["state"] as String == "failed"
                    let record = isFailed ? nil : issue["record"] as Int?
                    let column = isFailed ? nil : issue["column_name"] as String?
                    return "\(record.map { "\($0)" } ?? "-") \(issue["severity"] as String)"
                        + " \(issue["code"] as String) \(column ?? "-")"
                }
                return Self.line(row["name"], row["state"], counts, issues)
            }
        }
    }
}
