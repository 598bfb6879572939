/// What happened to a file, step by step, each in one line.
package struct StorySteps: Sendable {
    package struct Step: Sendable {
        /// RFC 3339, UTC.
        package var at: String
        /// Escaped.
        package var text: String
    }

    package private(set) var steps: [Step] = []
    private let story: FileStory
    private let schedule: Schedule
    private let now: Timestamp
    /// The run of whose batch the last step told.
    private var batch: Int64?
    private var isReceived = false

    package init(_ story: FileStory, schedule: Schedule, now: Timestamp) {
        self.story = story
        self.schedule = schedule
        self.now = now
        if let first = story.events.first, first.at == story.file.firstSeenAt {
            // Its first event says that it was seen.
        } else if !story.planned.values.contains(story.file.firstSeenAt) {
            add(story.file.firstSeenAt, "seen, \(Shown.size(story.file.size))")
        }
        for event in story.events { tell(event) }
        if !isReceived, story.file.state == FileState.waiting.rawValue, story.file.reason == nil,
            let run = story.file.run
        {
            tellBatch(run, size: story.file.size)
        }
        for mail in story.mails { tell(mail) }
    }

    private mutating func add(_ at: String, _ text: String) {
        steps.append(Step(at: at, text: DisplayText(text, limit: 2048).escaped))
    }

    private mutating func tell(_ event: StoredEvent) {
        let members = JSONMembers(event.detail)
        let reason = members?.text("reason")
        let why = reason.map { ReasonText.clause($0) ?? $0.replacing("_", with: " ") } ?? "no reason is given"
        let size = Shown.size(members?.integer("size"))
        let seen = steps.isEmpty && batch == nil ? "seen, " : ""
        switch EventName(rawValue: event.event) {
        case .fileWaiting:
            let until =
                reason == WaitingReason.gone.rawValue ? "" : ", waits for \(nextSlot(after: event.at))"
            add(event.at, "\(seen)\(size.isEmpty ? "" : "\(size): ")\(why)\(until)")
        case .fileIgnored: add(event.at, "\(seen)ignored: \(why)")
        case .fileReceived:
            tellBatch(event.run, size: members?.integer("size"))
            isReceived = true
            add(event.at, "received, sha256 \(members?.text("sha256")?.prefix(12) ?? "")…")
        case .fileDeferred:
            if !isReceived { tellBatch(event.run, size: members?.integer("size")) }
            add(event.at, "left for a later run: \(why)\(said(members))")
        case .fileLoaded, .fileLoadedWithErrors: add(event.at, "loaded: \(rows(members))\(inRun(event))")
        case .fileDuplicate:
            let twin = members?.integer("earlier_file").map { "; the same bytes as file \($0)" } ?? ""
            let date = members?.text("earlier_at").map { " of \(Shown.time($0, now: now))" } ?? ""
            add(event.at, "loaded again, nothing changed: \(rows(members))\(twin)\(date)\(inRun(event))")
        case .fileFailed:
            if !isReceived { tellBatch(event.run, size: members?.integer("size")) }
            add(event.at, "failed: \(why); nothing of it is applied\(inRun(event))")
        case .fileHeld:
            add(event.at, "held: \(guardClause(event.detail)); nothing of it is applied\(inRun(event))")
        default: tellLater(event, members)
        }
    }

    /// What may come once a file was loaded, failed or held.
    private mutating func tellLater(_ event: StoredEvent, _ members: JSONMembers?) {
        let by = members?.text("by").map { " by \($0)" } ?? ""
        let why = members?.text("why").map { ": \($0)" } ?? ""
        switch EventName(rawValue: event.event) {
        case .fileSuperseded:
            let newer = members?.integer("by").map { "file \($0)" } ?? "a newer file"
            add(event.at, "superseded: \(newer) of its type is loaded; nothing of this one is applied")
        case .fileReleased: add(event.at, "released\(by)\(why)")
        case .fileDiscarded: add(event.at, "discarded\(by)\(why)")
        case .fileReplayed: add(event.at, "replayed\(by)")
        case .fileDisposed: add(event.at, moved(members))
        case .fileDisposalFailed:
            add(event.at, "could not be moved on the server, tried again\(said(members))")
        case .rowsHealed:
            let rejected = members?.integer("rows_rejected") ?? 0
            let rest = rejected > 0 ? "; \(count(rejected, "other")) rejected" : ""
            let healed = count(members?.integer("healed") ?? 0, "parked row")
            add(event.at, "\(healed) applied, since their parent has come\(rest)\(inRun(event))")
        case .rowsExpired:
            let rows = count(members?.integer("rows") ?? 0, "parked row")
            let reason =
                members?.text("reason") == "newer_file"
                ? "a newer file of the type is loaded" : "their parent never came"
            add(event.at, "\(rows) given up as rejected: \(reason)")
        default:
            let name = event.event.split(separator: ".").last ?? ""
            add(event.at, "\(name.replacing("_", with: " "))\(said(members))\(inRun(event))")
        }
    }

    /// Says once for each run that the file became a member of its batch.
    private mutating func tellBatch(_ run: Int64?, size: Int64?) {
        guard let run, run != batch else { return }
        batch = run
        var text = "seen, \(Shown.size(size ?? story.file.size))"
        if let planned = story.planned[run] { text += ", unchanged at \(Shown.clock(planned))" }
        let start = story.runs[run]?.startedAt ?? story.planned[run] ?? story.file.firstSeenAt
        add(start, "\(text), in batch of run \(run)")
    }

    /// Puts a mail behind what happened before it.
    private mutating func tell(_ mail: FileStory.Mail) {
        for state in ["sent", "dead", "queued"] {
            let recipients = mail.recipients.filter { $0.state == state }
            guard let at = recipients.map(\.at).max() else { continue }
            let names = recipients.map(\.address).joined(separator: ", ")
            let text =
                switch state {
                case "sent": "digest \(mail.id) sent to \(names)"
                case "dead": "digest \(mail.id) dead: it could not be delivered to \(names)"
                default:
                    "digest \(mail.id) queued for \(names)"
                        + (recipients.compactMap(\.nextAttemptAt).min().map {
                            ", tried at \(Shown.time($0, now: now))"
                        } ?? "")
                }
            let place = steps.lastIndex { $0.at <= at }.map { $0 + 1 } ?? steps.count
            steps.insert(Step(at: at, text: DisplayText(text, limit: 2048).escaped), at: place)
        }
    }

    private func inRun(_ event: StoredEvent) -> String {
        event.run.map { $0 == batch ? "" : " (run \($0))" } ?? ""
    }

    /// What was met, in the words of whoever met it.
    private func said(_ members: JSONMembers?) -> String {
        members?.text("message").map { " (\($0))" } ?? ""
    }

    private func count(_ number: Int64, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 || noun == "other" ? "" : "s")"
    }

    private func rows(_ members: JSONMembers?) -> String {
        FileRow.sum { members?.integer($0 == "warnings" ? $0 : "rows_\($0)") }
    }

    private func moved(_ members: JSONMembers?) -> String {
        let report = members?.text("report") == nil ? "" : ", errors report written"
        let note = members?.text("note")
        let target = members?.text("target")?.split(separator: "/").suffix(2).map(String.init) ?? []
        if note == "gone" { return "no longer where it lay when it was to be moved\(report)" }
        if note == "replaced" {
            return "the sender put another file in its place; that is a new one\(report)"
        }
        guard let name = target.last else {
            let word = members?.text("action") == DisposalAction.delete.rawValue ? "deleted" : "disposed of"
            return "\(word) on the server\(report)"
        }
        let folder = target.count == 2 ? "\(target[0])/" : ""
        return "moved to \(folder)\(name == story.file.name ? "" : name)\(report)"
    }

    private func nextSlot(after at: String) -> String {
        guard let at = Timestamp(at) else { return "the next run" }
        return String(schedule.slot(after: at).text.dropFirst(11).prefix(5)) + "Z"
    }
}
