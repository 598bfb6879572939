import Ingestion
import Intake
import Ledger
import Receivables

/// A file of the ledger as a load wants it: its copy in the spool, and the files that came with it.
struct SpooledBatch {
    let file: ReceivedFile
    let batch: Batch

    /// - Throws: ``CommandFailure`` for a file without a type or whose copy is pruned.
    init(_ row: FileRow, in drop: OpenDrop, spool: Spool, at time: Timestamp) throws {
        guard let type = row.type.flatMap({ Catalogue.type(named: $0) }) else {
            throw CommandFailure(.noInput, "\(row.id) has no record type")
        }
        guard let sha256 = row.sha256, spool.holds(sha256) else {
            throw CommandFailure(.noInput, "the spool copy of \(row.id) is pruned; let it be sent again")
        }
        guard let day = Day(at: Int(clamping: time.seconds), in: drop.live.current.zone) else {
            throw CommandFailure(.configuration, "zone cannot be used")
        }
        file = ReceivedFile(
            fileID: row.id,
            type: type,
            name: row.name,
            mtime: row.mtime,
            size: row.size ?? 0,
            sha256: sha256,
            spoolPath: spool.path(of: sha256)
        )
        let files = try [file] + Self.companions(of: row, type, in: drop, spool)
        batch = Batch(run: nil, slot: time, day: day, files: files)
    }

    /// The other files of the type that came with it: should they be parts of one snapshot, what they name is present.
    private static func companions(
        of row: FileRow,
        _ type: RecordType,
        in drop: OpenDrop,
        _ spool: Spool
    ) throws -> [ReceivedFile] {
        guard let run = row.run else { return [] }
        return try FileLedger(drop.ledger).received(in: run).compactMap { member in
            guard member.id != row.id, member.type == type.name, let sha256 = member.sha256,
                spool.holds(sha256)
            else { return nil }
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
}

extension FileRow {
    /// - Throws: ``CommandFailure`` that says why the file cannot be loaded again.
    func requireReplay(in ledger: Ledger, older: Bool) throws {
        guard receivedAt != nil, state != "waiting", state != "received" else {
            throw CommandFailure(.noInput, "\(id) was never loaded; it is \(state)")
        }
        guard !older, let newer = try FileDecision(ledger).newerApplied(than: id, type: type ?? "") else {
            return
        }
        throw CommandFailure(
            .dataError,
            "a newer file of \(type ?? "its type") was applied: \(newer); --older applies this one without clearing"
        )
    }
}
