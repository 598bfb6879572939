import Ledger
import Receivables

/// What can be said of a name that no listing ever showed.
package struct NeverSeen: Error, Report, CustomStringConvertible {
    private let name: String
    private let lastListing: RunRow?
    private let near: [String]
    private let look: ValidationLedger.Look?
    private let nextSlot: Timestamp
    private let now: Timestamp

    /// - Throws: `DatabaseError` when the ledger cannot be read.
    init(_ name: String, in ledger: Ledger, schedule: Schedule, now: Timestamp) throws {
        self.name = name
        self.now = now
        lastListing = try StatusQueries(ledger).lastListing()
        near = NearestNames.of(name, in: try FileQueries(ledger).recentNames(limit: 5000))
        look = try ValidationLedger(ledger).look(at: name)
        nextSlot = schedule.slot(after: now)
    }

    package var text: String {
        var text = "\(DisplayText(name).escaped): no file of this name or id was ever seen\n"
        if let run = lastListing {
            text += "the last listing began at \(Shown.time(run.startedAt, now: now)), "
            text += "\(Shown.age(run.startedAt, now: now)), and showed \(run.listed ?? 0) entries\n"
        } else {
            text += "no listing was ever taken\n"
        }
        if let look { text += checked(look) }
        if let reason { text += "a file of this name is never taken: \(reason)\n" }
        return text
            + (near.isEmpty
                ? "no name is near it\n"
                : "near it: " + near.map { DisplayText($0).escaped }.joined(separator: ", ") + "\n")
    }

    package var json: String {
        var members: [(key: String, value: JSONValue)] = [("name", .text(name)), ("seen", .flag(false))]
        if let run = lastListing {
            members += [
                ("last_listing_at", .text(run.startedAt)),
                ("last_listing_entries", .integer(run.listed ?? 0)),
            ]
        }
        if let look {
            var facts: [(key: String, value: JSONValue)] = [
                ("type", .text(look.type)), ("at", .text(look.checkedAt)),
                ("report", .flag(look.isDone && look.action != .leave)),
                ("attempts", .integer(look.attempts)),
            ]
            if let error = look.lastError { facts.append(("last_error", .text(error))) }
            members.append(("checked", .object(facts)))
        }
        members.append(("next_slot", .text(nextSlot.textInSeconds)))
        if let reason { members.append(("never_taken", .text(reason))) }
        members.append(("near", .list(near.map { .text($0) })))
        return JSONValue.json(of: members)
    }

    package var description: String { text }

    /// What became of a file in a folder for files that are only looked at.
    private func checked(_ look: ValidationLedger.Look) -> String {
        let folder = "validate/\(look.type)/"
        let at = "\(Shown.time(look.checkedAt, now: now)), \(Shown.age(look.checkedAt, now: now))"
        let text = "one in \(folder) was looked at \(at), and not loaded; "
        guard look.action != .leave else { return text + "no report is written on this server\n" }
        guard !look.isDone else { return text + "its report was written there\n" }
        guard look.attempts > 0 else { return text + "its report is about to be written\n" }
        let tried = look.attempts == 1 ? "1 attempt" : "\(look.attempts) attempts"
        let error = look.lastError.map { ": \($0)" } ?? ""
        return text
            + "its report could not be written in \(tried)\(error)\ncheck our rights in \(folder) on the server; it is tried again\n"
    }

    /// Why the name alone keeps a file from being taken, in any folder; `nil`: it does not.
    private var reason: String? {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        guard !last.isEmpty, last.contains(where: { !$0.isNumber }) else { return nil }
        return IgnoredName.reason(for: last, in: nil)?.rawValue
    }
}
