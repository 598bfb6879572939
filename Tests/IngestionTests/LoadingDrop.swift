import Foundation
import GRDB
import Ingestion
import Ledger
import Receivables
import TestSupport

/// A drop without a server: files are given as text and loaded into a ledger of their own.
final class LoadingDrop {
    struct File {
        var type: String
        var name: String
        var bytes: [UInt8]
        var mtime: Int64

        init(_ type: String, _ text: String, name: String? = nil, mtime: Int64 = 0) {
            self.init(type, bytes: Array(text.utf8), name: name, mtime: mtime)
        }

        init(_ type: String, bytes: [UInt8], name: String? = nil, mtime: Int64 = 0) {
            self.type = type
            self.name = name ?? "\(type).csv"
            self.bytes = bytes
            self.mtime = mtime
        }
    }

    let folder: TemporaryFolder
    let ledger: Ledger
    var settings: LoadSettings
    var now: Timestamp
    private var run: Int64 = 0

    init(_ settings: LoadSettings = LoadSettings(), views: ViewSettings = ViewSettings()) throws {
        self.settings = settings
        folder = try TemporaryFolder()
        now = Timestamp("2025-01-05T12:00:00.000Z") ?? Timestamp(milliseconds: 0)
        ledger = try Ledger.open(
            path: folder.path + "/ledger.sqlite",
            drop: Drop(name: "test", inboxURL: "file:///nowhere", views: views),
            owner: "test",
            time: now
        )
    }

    var loader: Loader { Loader(ledger: ledger, settings: settings) }

    /// Loads files as one run does, then moves the clock to the next slot.
    @discardableResult
    func batch(_ files: File..., hours: Int64 = 1) throws -> [String: FileOutcome] {
        try batch(files, hours: hours)
    }

    @discardableResult
    func batch(_ files: [File], hours: Int64 = 1) throws -> [String: FileOutcome] {
        var outcomes: [String: FileOutcome] = [:]
        _ = try load(files) { file, outcome in
            outcomes[outcomes[file.name] == nil ? file.name : "\(file.name) \(file.fileID)"] = outcome
        }
        now = now.adding(seconds: 3600 * hours)
        return outcomes
    }

    /// Loads files in the order in which a run does, parked rows after the files of their type.
    func load(
        _ files: [File],
        each: (ReceivedFile, FileOutcome) -> Void = { _, _ in }
    ) throws -> ([ReceivedFile], Batch) {
        let received = try files.map(receive)
        var batch = try makeBatch(received)
        var changed: Set<String> = []
        for type in Catalogue.types {
            if try loader.isDistrusted(type, in: batch, at: now) { batch.suspended.insert(type.name) }
            for file in batch.files where file.type.name == type.name {
                let outcome = try loader.load(file, in: batch, at: now)
                each(file, outcome)
                if outcome.state.isApplied { changed.insert(type.name) }
            }
            if changed.contains(type.name) {
                changed.formUnion(try loader.heal(after: type, in: batch, at: now))
            }
        }
        try ledger.expireParkedRows(run: nil, at: now)
        return (received, batch)
    }

    func makeBatch(_ files: [ReceivedFile]) throws -> Batch {
        guard let day = Day(at: Int(now.seconds), in: "UTC") else { throw CocoaError(.formatting) }
        return Batch(run: nil, slot: now, day: day, files: files)
    }

    func receive(_ file: File) throws -> ReceivedFile {
        guard let type = Catalogue.type(named: file.type) else { throw CocoaError(.featureUnsupported) }
        let path = folder.path + "/\(UUID().uuidString)"
        try Data(file.bytes).write(to: URL(filePath: path))
        // The content stands for its own hash: equal bytes, equal name.
        let hash = Data(file.bytes).base64EncodedString()
        let id = try ledger.pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO file (type, directory, path, path_text, name, size, mtime, sha256, state, first_seen_at,
                                      received_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'received', ?, ?)
                    """,
                arguments: [
                    file.type, file.type, Data(file.name.utf8), file.name, file.name, file.bytes.count,
                    file.mtime, hash,
                    now.text, now.text,
                ]
            )
            return db.lastInsertedRowID
        }
        return ReceivedFile(
            fileID: id,
            type: type,
            name: file.name,
            mtime: file.mtime,
            size: Int64(file.bytes.count),
            sha256: hash,
            spoolPath: path
        )
    }

    /// One line for each row of a query, values joined by `|`, null as `-`.
    func query(_ sql: String) throws -> [String] {
        try ledger.pool.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.map { _, value in
                    value.isNull
                        ? "-" : "\(String.fromDatabaseValue(value) ?? "\(value.storage.value ?? "")")"
                }
                .joined(separator: "|")
            }
        }
    }

    /// The findings of the newest file, as `record severity code column`.
    func issues(of file: Int64? = nil) throws -> [String] {
        try query(
            """
            SELECT coalesce(record, '-') || ' ' || severity || ' ' || code || ' ' || coalesce(column_name, '-')
              FROM row_issues WHERE file_id = \(file.map { "\($0)" } ?? "(SELECT max(file_id) FROM files)")
             ORDER BY record, severity, code
            """
        )
    }
}
