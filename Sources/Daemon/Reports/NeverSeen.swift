import Ledger
import Receivables

/// What can be said of a name that no listing ever showed.
package struct NeverSeen: Error, Report, CustomStringConvertible {
    private let name: String
    private let lastListing: RunRow?
    private let near: [String]
    private let nextSlot: Timestamp
    private let now: Timestamp

    /// - Throws: `DatabaseError` when the ledger cannot be read.
    init(_ name: String, in ledger: Ledger, schedule: Schedule, now: Timestamp) throws {
        self.name = name
        self.now = now
        lastListing = try StatusQueries(ledger).lastListing()
        near = NearestNames.of(name, in: try FileQueries(ledger).recentNames(limit: 5000))
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
        members.append(("next_slot", .text(nextSlot.textInSeconds)))
        if let reason { members.append(("never_taken", .text(reason))) }
        members.append(("near", .list(near.map { .text($0) })))
        return JSONValue.json(of: members)
    }

    package var description: String { text }

    /// Why the name alone keeps a file from being taken, in any folder; `nil`: it does not.
    private var reason: String? {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        guard !last.isEmpty, last.contains(where: { !$0.isNumber }) else { return nil }
        return IgnoredName.reason(for: last, in: nil)?.rawValue
    }
}
