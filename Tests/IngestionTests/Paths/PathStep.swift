import GRDB
import Ingestion
import Ledger

/// One thing that happens to a drop, beyond what the model knows.
enum PathStep {
    /// Files that come together.
    case batch([LoadingDrop.File])
    /// Another configuration from now on.
    case configure((inout LoadSettings) -> Void)
    /// Somebody writes into the ledger.
    case write(String)
    /// A file is loaded once more: the one taken from all so far by this number.
    case replay(Int, isOlder: Bool)
    /// All held files are applied.
    case release
}

/// A drop to which a story happens.
final class PathReplay: Replay {
    let drop: LoadingDrop
    private var received: [(file: ReceivedFile, batch: Batch)] = []

    init(_ variant: PathVariant) throws {
        var settings = LoadSettings()
        settings.tuning = variant.tuning
        drop = try LoadingDrop(settings)
    }

    func perform(_ step: PathStep) throws {
        switch step {
        case .batch(let files):
            let (files, batch) = try drop.load(files)
            received += files.map { ($0, batch) }
        case .configure(let change):
            change(&drop.settings)
        case .write(let sql):
            try drop.ledger.pool.write { db in try db.execute(sql: sql) }
        case .replay(let number, let isOlder):
            guard !received.isEmpty else { break }
            let (file, batch) = received[number % received.count]
            let state = try drop.query("SELECT state FROM files WHERE file_id = \(file.fileID)").first
            guard ["loaded", "loaded_with_errors", "duplicate", "failed"].contains(state) else { break }
            try load(file, batch, .replay(by: "test", isOlder: isOlder))
        case .release:
            for id in try drop.query("SELECT file_id FROM files WHERE state = 'held' ORDER BY file_id") {
                guard let held = received.first(where: { "\($0.file.fileID)" == id }) else { continue }
                try load(held.file, held.batch, .release(by: "test", reason: nil))
            }
        }
        drop.now = drop.now.adding(seconds: 3600 * 8)
    }

    private func load(_ file: ReceivedFile, _ batch: Batch, _ occasion: Loader.Occasion) throws {
        let batch = Batch(run: batch.run, slot: batch.slot, day: batch.day, files: [file])
        _ = try drop.loader.load(file, in: batch, occasion: occasion, at: drop.now)
        try drop.loader.healAll(after: file.type, in: batch, at: drop.now)
    }

    /// The paths that files took, with why they were left.
    func paths() throws -> Set<String> {
        Set(
            try drop.query(
                """
                SELECT coalesce(json_extract(detail, '$.fallback') || ' ', '') || json_extract(detail, '$.path')
                  FROM event WHERE json_extract(detail, '$.path') IS NOT NULL
                """
            )
        )
    }
}
