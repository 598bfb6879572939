package import Ledger

/// `ledgerdrop explain`: the story of a file, from its first sighting to where it is now.
package struct ExplainReport: Report {
    private struct Chapter {
        var file: FileRow
        var events: [StoredEvent]
        var issues: [IssueRow]
    }

    /// How many issues are shown; `errors FILE` has them all.
    private static let issueLimit = 20

    private let chapters: [Chapter]
    private let now: Timestamp

    /// Looks the files up; newest first.
    ///
    /// - Throws: `DatabaseError`.
    package init(_ files: [FileRow], in ledger: Ledger, now: Timestamp) throws {
        self.now = now
        chapters = try files.map { file in
            Chapter(
                file: file,
                events: try EventQueries(ledger).of(file: file.id),
                issues: try FileQueries(ledger).issues(of: file.id, limit: Self.issueLimit)
            )
        }
    }

    package var text: String {
        chapters.map(text).joined(separator: "\n")
    }

    package var json: String {
        JSONValue.list(
            chapters.map { chapter in
                guard case .object(let members) = chapter.file.jsonValue else {
                    return chapter.file.jsonValue
                }
                return .object(
                    members + [
                        ("events", .list(chapter.events.map(eventJSON))),
                        ("issues", .list(chapter.issues.map(\.jsonValue))),
                    ]
                )
            }
        ).json
    }

    private func text(_ chapter: Chapter) -> String {
        let file = chapter.file
        var text = "\(file.id)  \(file.path)   \(file.state)"
        if let reason = file.reason { text += ", \(reason)" }
        text += "\n  \(Shown.time(file.firstSeenAt, now: now))  seen, \(Shown.size(file.size))\n"
        for event in chapter.events {
            text += "  \(Shown.time(event.at, now: now))  \(told(event, of: file))\n"
        }
        if let sha256 = file.sha256 { text += "  sha256    \(sha256)\n" }
        if !file.sum.isEmpty { text += "  rows      \(file.sum)\n" }
        for issue in chapter.issues {
            let place = issue.line.map { "line \($0) " } ?? ""
            let column = issue.column.map { "\($0) " } ?? ""
            text += "  \(issue.severity.padded(to: 8))  \(place)\(DisplayText(column).escaped)\(issue.code)\n"
        }
        if chapter.issues.count == Self.issueLimit { text += "  more      ledgerdrop errors \(file.id)\n" }
        return text
    }

    private func told(_ event: StoredEvent, of file: FileRow) -> String {
        let members = JSONMembers(event.detail)
        var text =
            event.event.split(separator: ".").last.map { String($0).replacing("_", with: " ") } ?? event.event
        if let reason = members?.text("reason") { text += ": \(reason.replacing("_", with: " "))" }
        if let total = members?.integer("rows_total") { text += ", \(total) rows" }
        if let rejected = members?.integer("rows_rejected"), rejected > 0 { text += ", \(rejected) rejected" }
        if let parked = members?.integer("rows_parked"), parked > 0 { text += ", \(parked) parked" }
        if let run = event.run { text += " (run \(run))" }
        return DisplayText(text, limit: 1024).escaped
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
}

extension String {
    /// The text, filled up with spaces.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
