import Ingestion
import Intake
import Ledger
import Threads

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
            try row.requireReplay(in: drop.ledger, older: older)
            let occasion = Loader.Occasion.replay(by: user, isOlder: older)
            guard dryRun else { return try load(row, occasion) }
            let scope = Difference.Scope(perKind: 0, issues: 0)
            let difference = try previews.difference(
                file,
                for: .replay(older: older),
                user: user,
                scope: scope
            ) { _ in true }
            return Self.answer(difference, of: file)
        }
    }

    func preview(_ preview: Request.Preview, user: String) async -> Answer {
        await answering {
            let rows = try RowsFile(
                RequestFolder(in: drop.state).rowsPath(preview.rows),
                form: preview.form
            )
            let difference = try previews.difference(
                preview.file,
                for: preview.intent,
                user: user,
                scope: Difference.Scope(
                    perKind: preview.perKind,
                    showsValues: preview.showsValues,
                    issues: 0
                ),
                take: rows.take
            )
            try rows.finish(difference.omission)
            return Self.answer(difference, of: preview.file)
        }
    }

    private var previews: FilePreview { FilePreview(drop: drop, spool: spool, now: now) }

    private static func answer(_ difference: Difference, of file: Int64) -> Answer {
        let members: [(key: String, value: JSONValue)] = [
            ("file_id", .integer(file)), ("dry_run", true),
        ]
        return Answer(
            exit: difference.isWhole ? .ok : .dataError,
            text: "\(file) \(difference.name) \(difference.summary)\n",
            json: JSONValue.json(of: members + difference.members)
        )
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
        let spooled = try SpooledBatch(row, in: drop, spool: spool, at: now())
        let (file, batch) = (spooled.file, spooled.batch)
        let loader = Loader(ledger: drop.ledger, settings: LoadSettings(configuration))
        let outcome = try loader.load(file, in: batch, occasion: occasion, at: now())
        if outcome.state.isApplied { try loader.healAll(after: file.type, in: batch, at: now()) }
        return Self.answer(outcome, of: row)
    }

    /// Does blocking work and turns whatever stops it into an answer.
    private func answering(_ work: @escaping @Sendable () throws -> Answer) async -> Answer {
        do {
            return try await onOwnThread(work)
        } catch {
            return Answer(exit: ExitStatus(error), problem: "\(error)")
        }
    }

    private static func unknown(_ file: Int64) -> Answer {
        Answer(exit: .noInput, problem: "\(file): no file of this id")
    }

    private static func answer(_ outcome: FileOutcome, of row: FileRow) -> Answer {
        let counts = outcome.counts
        var text = "\(row.id) \(row.name) \(outcome.state.rawValue)"
        if let reason = outcome.reason { text += " (\(reason))" }
        text += ": \(counts.total) rows, \(counts.inserted) inserted, \(counts.updated) updated, "
        text += "\(counts.unchanged) unchanged, \(counts.rejected) rejected, \(counts.parked) parked, "
        text += "\(counts.cleared) cleared, \(counts.deleted) deleted\n"
        let members: [(key: String, value: JSONValue)] = [
            ("file_id", .integer(row.id)), ("state", .text(outcome.state.rawValue)),
            ("dry_run", false),
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
