package import Ledger

/// `ledgerdrop explain`: the story of a file, from its first sighting to where it is now.
package struct ExplainReport: Report {
    /// How many issues are shown as text; `errors FILE` has them all.
    private static let shownIssues = 10
    /// How many issues are given as JSON.
    private static let issueLimit = 20
    /// How many files of one name are told as text.
    private static let shownFiles = 10

    private let stories: [FileStory]
    private let schedule: Schedule
    private let now: Timestamp

    /// Looks the files up; newest first.
    ///
    /// - Throws: `DatabaseError`.
    package init(_ files: [FileRow], in ledger: Ledger, schedule: Schedule, now: Timestamp) throws {
        self.schedule = schedule
        self.now = now
        stories = try files.map { try StoryQueries(ledger).story(of: $0, issueLimit: Self.issueLimit) }
    }

    package var text: String {
        var text = stories.prefix(Self.shownFiles).map(text).joined(separator: "\n")
        let rest = stories.dropFirst(Self.shownFiles)
        if let newest = rest.first {
            text +=
                "\n\(rest.count) earlier files of this name, the newest: ledgerdrop explain \(newest.file.id)\n"
        }
        return text
    }

    package var json: String {
        JSONValue.list(
            stories.map { story in
                guard case .object(let members) = story.file.jsonValue else { return story.file.jsonValue }
                return .object(
                    members + [
                        ("events", .list(story.events.map(eventJSON))),
                        ("issues", .list(story.issues.map(\.jsonValue))),
                        ("mails", .list(story.mails.map(mailJSON))),
                        ("story", .list(steps(of: story).map(stepJSON))),
                    ]
                )
            }
        ).json
    }

    private func steps(of story: FileStory) -> [StorySteps.Step] {
        StorySteps(story, schedule: schedule, now: now).steps
    }

    private func text(_ story: FileStory) -> String {
        let file = story.file
        let reason = file.reason.map { ", \($0)" } ?? ""
        var text = "\(file.id)  \(DisplayText(file.path, limit: 4096).escaped)   \(file.state)\(reason)\n"
        text += timeline(steps(of: story))
        for (label, line) in notes(of: story) { text += "  \(label.padded(to: 8))  \(line)\n" }
        return text
    }

    /// The steps below each other: the day where it changes, the time, and the age where that changes.
    private func timeline(_ steps: [StorySteps.Step]) -> String {
        let days = steps.map { Shown.day($0.at, now: now) }
        let width = (days.map(\.count).max() ?? 0) + 1
        var lines = ""
        for (index, step) in steps.enumerated() {
            let isNewDay = index == 0 || days[index - 1] != days[index]
            let age = Shown.age(step.at, now: now)
            let isNewAge = index == 0 || Shown.age(steps[index - 1].at, now: now) != age
            lines +=
                "  \((isNewDay ? days[index] : "").padded(to: width))\(Shown.clock(step.at))  \(step.text)"
            lines += isNewAge && !age.isEmpty ? "  (\(age))\n" : "\n"
        }
        return lines
    }

    /// What stands below the steps: how the rows are now, what is wrong, and what a person can do.
    private func notes(of story: FileStory) -> [(label: String, line: String)] {
        let file = story.file
        var notes: [(String, String)] = []
        if !file.sum.isEmpty, story.events.contains(where: { $0.event.hasPrefix("rows.") }) {
            notes.append(("rows now", file.sum))
        }
        for refusal in story.refusals { notes.append(("why", DisplayText(refusal, limit: 1024).escaped)) }
        let isApplied = FileState(rawValue: file.state)?.isApplied == true
        add(story.rejected, as: isApplied ? "rejected" : "errors", of: file, to: &notes)
        add(story.parked, as: "parked", of: file, to: &notes)
        if !story.warnings.isEmpty {
            notes.append(
                ("warnings", story.warnings.map { "\($0.code) \($0.count)" }.joined(separator: " · "))
            )
        }
        if let disposal = story.disposal {
            let tried =
                disposal.attempts > 0
                ? " after \(disposal.attempts) \(disposal.attempts == 1 ? "attempt" : "attempts")" : ""
            let words = disposal.action == .delete ? "deleted" : "moved to \(disposal.action.rawValue)/"
            notes.append(
                (
                    "server",
                    "not yet \(words)\(tried), tried again at "
                        + Shown.time(disposal.nextAttemptAt, now: now)
                )
            )
        }
        for line in advice(file) { notes.append(("next", line)) }
        return notes
    }

    private func add(
        _ findings: FileStory.Findings,
        as label: String,
        of file: FileRow,
        to notes: inout [(String, String)]
    ) {
        guard findings.count > 0 else { return }
        let shown = findings.first.prefix(Self.shownIssues)
        var words = shown.map { issue in
            [issue.line.map { "line \($0)" }, issue.column.map { DisplayText($0).escaped }, issue.code]
                .compactMap(\.self).joined(separator: " ")
        }
        let rest = findings.count - Int64(shown.count)
        if rest > 0 { words.append("and \(rest) more") }
        notes.append((label, words.joined(separator: " · ") + "     (ledgerdrop errors \(file.id))"))
    }

    private func advice(_ file: FileRow) -> [String] {
        switch FileState(rawValue: file.state) {
        case .held: ["ledgerdrop release \(file.id) | ledgerdrop discard \(file.id)"]
        case .failed: ["Mend the file and send it again."]
        case .ignored: file.reason.flatMap { IgnoredReason(rawValue: $0) }.map { [$0.advice] } ?? []
        case .waiting where file.reason == WaitingReason.gone.rawValue:
            ["Nothing of it was loaded; send it again if it was not moved on purpose."]
        default: []
        }
    }

    private func eventJSON(_ event: StoredEvent) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("seq", .integer(event.seq)), ("at", .text(event.at)), ("event", .text(event.event)),
        ]
        if let run = event.run { members.append(("run", .integer(run))) }
        if let reason = JSONMembers(event.detail)?.text("reason") {
            members.append(("reason", .text(reason)))
        }
        return .object(members)
    }

    private func mailJSON(_ mail: FileStory.Mail) -> JSONValue {
        .object([
            ("mail_id", .integer(mail.id)),
            (
                "recipients",
                .list(
                    mail.recipients.map {
                        .object([
                            ("address", .text($0.address)), ("state", .text($0.state)), ("at", .text($0.at)),
                        ])
                    }
                )
            ),
        ])
    }

    private func stepJSON(_ step: StorySteps.Step) -> JSONValue {
        .object([("at", .text(step.at)), ("text", .text(step.text))])
    }
}

extension String {
    /// The text, filled up with spaces.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
