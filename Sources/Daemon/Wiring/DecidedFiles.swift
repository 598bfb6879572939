import Ingestion
import Intake
import Ledger
import Receivables

/// What operators decide about single files: release, discard, replay.
struct DecidedFiles: FileDesk {
    let drop: OpenDrop
    let spool: Spool
    let mail: MailDesk
    let now: @Sendable () -> Timestamp

    func testRecipients() async -> Answer { await mail.sendTest() }

    func release(_ file: Int64, reason: String?, user: String) async -> Answer {
        await deciding(file, .fileReleased) { row in
            try load(row, .release(by: user, reason: reason))
        }
    }

    func discard(_ file: Int64, reason: String?, user: String) async -> Answer {
        await deciding(file, .fileDiscarded) { row in
            let configuration = drop.live.current
            let settings = RunSettings(configuration)
            let isDone = try FileDecision(drop.ledger).discard(
                row.id,
                by: user,
                because: reason,
                disposal: DisposalAction(for: .discarded, after: settings.after),
                at: now()
            )
            guard isDone else { return Answer(exit: .noInput, problem: "\(row.id) is not held any more") }
            return Answer(
                text: "\(row.id) \(row.name) discarded\n",
                json: JSONValue.json(of: [("file_id", .integer(row.id)), ("state", "discarded")])
            )
        }
    }

    func replay(_ file: Int64, dryRun: Bool, older: Bool, user: String) async -> Answer {
        await answering {
            guard let row = try FileQueries(drop.ledger).file(file) else { return Self.unknown(file) }
            guard row.receivedAt != nil, row.state != "waiting", row.state != "received" else {
                return Answer(exit: .noInput, problem: "\(row.id) was never loaded; it is \(row.state)")
            }
            if !older,
                let newer = try FileDecision(drop.ledger).newerApplied(than: row.id, type: row.type ?? "")
            {
                return Answer(
                    exit: .dataError,
                    problem:
                        "a newer file of \(row.type ?? "its type") was applied: \(newer); --older applies this one "
                        + "without clearing"
                )
            }
            let occasion = Loader.Occasion.replay(by: user, isOlder: older)
            return dryRun ? try rehearse(row, occasion) : try load(row, occasion)
        }
    }

    /// Asks for a held file, and knows when it was decided before.
    private func deciding(
        _ file: Int64,
        _ decision: EventName,
        decide: @escaping @Sendable (FileRow) throws -> Answer
    ) async -> Answer {
        await answering {
            guard let row = try FileQueries(drop.ledger).file(file) else { return Self.unknown(file) }
            if row.state == "held" { return try decide(row) }
            let events = try EventQueries(drop.ledger).of(file: file)
            guard events.contains(where: { $0.event == decision.rawValue }) else {
                return Answer(exit: .noInput, problem: "\(file) is not held; it is \(row.state)")
            }
            return Answer(
                text: "already done; \(row.id) is \(row.state)\n",
                json: JSONValue.json(of: [
                    ("file_id", .integer(row.id)), ("state", .text(row.state)), ("already_done", true),
                ])
            )
        }
    }

    private func load(_ row: FileRow, _ occasion: Loader.Occasion) throws -> Answer {
        let configuration = drop.live.current
        let (file, batch) = try received(row, configuration)
        let loader = Loader(ledger: drop.ledger, settings: LoadSettings(configuration))
        let outcome = try loader.load(file, in: batch, occasion: occasion, at: now())
        if outcome.state.isApplied { try loader.healAll(after: file.type, in: batch, at: now()) }
        return Self.answer(outcome, of: row, isRehearsal: false)
    }

    private func rehearse(_ row: FileRow, _ occasion: Loader.Occasion) throws -> Answer {
        let configuration = drop.live.current
        let (file, batch) = try received(row, configuration)
        let loader = Loader(ledger: drop.ledger, settings: LoadSettings(configuration))
        let outcome = try loader.rehearse(file, in: batch, occasion: occasion, at: now())
        return Self.answer(outcome, of: row, isRehearsal: true)
    }

    private func received(_ row: FileRow, _ configuration: Configuration) throws -> (ReceivedFile, Batch) {
        guard let type = row.type.flatMap({ Catalogue.type(named: $0) }) else {
            throw CommandFailure(.noInput, "\(row.id) has no record type")
        }
        guard let sha256 = row.sha256, spool.holds(sha256) else {
            throw CommandFailure(.noInput, "the spool copy of \(row.id) is pruned; let it be sent again")
        }
        let time = now()
        guard let day = Day(at: Int(clamping: time.seconds), in: configuration.zone) else {
            throw CommandFailure(.configuration, "zone cannot be used")
        }
        let file = ReceivedFile(
            fileID: row.id,
            type: type,
            name: row.name,
            mtime: row.mtime,
            size: row.size ?? 0,
            sha256: sha256,
            spoolPath: spool.path(of: sha256)
        )
        let files = try [file] + companions(of: row, type)
        return (file, Batch(run: nil, slot: time, day: day, files: files))
    }

    /// The other files of the type that came with it: should they be parts of one snapshot, what they name is present.
    private func companions(of row: FileRow, _ type: RecordType) throws -> [ReceivedFile] {
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

    /// Does blocking work and turns whatever stops it into an answer.
    private func answering(_ work: @escaping @Sendable () throws -> Answer) async -> Answer {
        do {
            return try await Blocking.run(work)
        } catch {
            return Answer(exit: ExitStatus(error), problem: "\(error)")
        }
    }

    private static func unknown(_ file: Int64) -> Answer {
        Answer(exit: .noInput, problem: "\(file): no file of this id")
    }

    private static func answer(_ outcome: FileOutcome, of row: FileRow, isRehearsal: Bool) -> Answer {
        let counts = outcome.counts
        var text = "\(row.id) \(row.name) \(isRehearsal ? "would be " : "")\(outcome.state.rawValue)"
        if let reason = outcome.reason { text += " (\(reason))" }
        text += ": \(counts.total) rows, \(counts.inserted) inserted, \(counts.updated) updated, "
        text += "\(counts.unchanged) unchanged, \(counts.rejected) rejected, \(counts.parked) parked, "
        text += "\(counts.cleared) cleared, \(counts.deleted) deleted\n"
        let members: [(key: String, value: JSONValue)] = [
            ("file_id", .integer(row.id)), ("state", .text(outcome.state.rawValue)),
            ("dry_run", .flag(isRehearsal)),
        ]
        let reason = outcome.reason.map { [(key: "reason", value: JSONValue.text($0))] } ?? []
        let isWhole = outcome.state == .loaded || outcome.state == .duplicate
        return Answer(
            exit: isWhole ? .ok : .dataError,
            text: text,
            json: JSONValue.json(of: members + reason + counts.detail)
        )
    }
}
