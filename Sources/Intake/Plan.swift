package import Ledger

/// What a run makes of the inbox.
///
/// An inbox may have 100,000 entries: the plan refers to the listings, and makes what the ledger records of an entry
/// only when it is asked for it.
package struct Plan: Sendable {
    /// Where an entry was seen.
    enum Source: Sendable {
        case cutOff(Int)
        case confirmation(Int)
        /// In no listing: an earlier run received it.
        case carried(Int)
    }

    struct Decision: Sendable {
        var source: Source
        var disposition: Disposition
        /// The row of the same appearance that goes on.
        var row: Int64?
        /// The row of an earlier appearance at the same path.
        var replaces: Int64?
    }

    /// The rows whose files a complete listing did not show.
    package var absent: [Int64] = []
    /// The union of both listings, and what an earlier run received and did not load.
    package var listed = 0
    package var counts = PlanCounts()

    let cutOff: [ListedEntry]
    let confirmation: [ListedEntry]
    var decisions: [Decision] = []
    private var carried: [KnownFile] = []

    init(cutOff: [ListedEntry], confirmation: [ListedEntry]) {
        self.cutOff = cutOff
        self.confirmation = confirmation
    }

    /// Every entry once: what the listings showed by path, then what was carried over.
    package var entries: some RandomAccessCollection<PlannedEntry> {
        decisions.lazy.map(planned)
    }

    /// Adds a file that an earlier run received, and that no listing shows as it was.
    mutating func carry(_ place: Int, of known: [KnownFile]) {
        decisions.append(
            Decision(
                source: .carried(carried.count),
                disposition: .resumed(file: known[place].id),
                row: known[place].id
            )
        )
        carried.append(known[place])
        listed += 1
    }

    func path(of decision: Decision) -> [UInt8] {
        switch decision.source {
        case .cutOff(let place): cutOff[place].pathBytes
        case .confirmation(let place): confirmation[place].pathBytes
        case .carried(let place): carried[place].path
        }
    }

    func planned(_ decision: Decision) -> PlannedEntry {
        switch decision.source {
        case .cutOff(let place): planned(decision, cutOff[place])
        case .confirmation(let place): planned(decision, confirmation[place])
        case .carried(let place):
            PlannedEntry(
                path: carried[place].path,
                directory: "",
                name: "",
                type: nil,
                size: carried[place].size,
                mtime: carried[place].mtime,
                disposition: decision.disposition,
                row: decision.row
            )
        }
    }

    private func planned(_ decision: Decision, _ listed: ListedEntry) -> PlannedEntry {
        var type: String?
        if case .taken(let name) = listed.verdict { type = name }
        return PlannedEntry(
            path: listed.pathBytes,
            directory: listed.entry.directory.text,
            name: listed.entry.name.text,
            type: type,
            size: listed.entry.size,
            mtime: listed.entry.modified,
            disposition: decision.disposition,
            row: decision.row,
            replaces: decision.replaces
        )
    }
}
