package import Receivables

/// What the reasons of files mean, in one plain clause each, and what a person can do.
package enum ReasonText {
    /// What a reason of the ledger means; `nil` for a word that is no reason.
    package static func clause(_ reason: String) -> String? {
        if let waiting = WaitingReason(rawValue: reason) { return waiting.clause }
        if let deferred = DeferredReason(rawValue: reason) { return deferred.clause }
        if let settled = SettledReason(rawValue: reason) { return settled.clause }
        if let ignored = IgnoredReason(rawValue: reason) { return ignored.clause }
        if reason == "nothing_changed" { return "everything in it stood in the ledger before" }
        return IssueCode(rawValue: reason)?.clause
    }
}

extension WaitingReason {
    package var clause: String {
        switch self {
        case .stillChanging: "still changing"
        case .arrivedAfterCutOff: "arrived after the cut-off listing"
        case .markerMissing: "the marker that says it is complete is missing"
        case .overFilesPerRun: "the run had as many files as limits.files_per_run allows"
        case .gone: "no longer on the server"
        }
    }
}

extension DeferredReason {
    package var clause: String {
        switch self {
        case .changedWhileRead: "it changed while it was read"
        case .fetchFailed: "the server did not give it"
        case .gone: "no longer on the server"
        case .diskLow: "the disk has too little room left"
        case .ledgerBusy: "another program held the ledger for too long"
        case .runDeadline: "the run had no time left for it"
        case .shutdown: "the daemon was stopped before it came to it"
        case .leaseLost: "another daemon took over the drop"
        }
    }
}

extension SettledReason {
    package var clause: String {
        switch self {
        case .settledBefore: "it was settled before and still lies there"
        case .disposalPending: "it is settled, but not yet moved on the server"
        case .heldByGuard: "it would clear too much, or looks cut short; a person decides"
        }
    }
}

extension IgnoredReason {
    package var clause: String {
        switch self {
        case .temporaryName: "the name says that it is still being written"
        case .hiddenName: "the name is that of a hidden file"
        case .notAFile: "it is a folder, a link or a device, and no file"
        case .notCSVName: "the name does not end in .csv"
        case .hostileName: "the name holds what no file name should hold"
        case .unknownDirectory: "it does not lie in a folder from which files are taken"
        }
    }

    /// What to do about it.
    package var advice: String {
        switch self {
        case .temporaryName: "Rename it to its final name once it is complete; the next run takes it."
        case .hiddenName: "Rename it without the dot if it is to be loaded; else leave it."
        case .notAFile: "Put the file itself where the others are dropped; else leave it."
        case .notCSVName: "Rename it so that it ends in .csv if it is to be loaded; else take it away."
        case .hostileName: "Send it again under a plain name."
        case .unknownDirectory:
            "Move it into pending/ of its record type if it is to be loaded; else leave it."
        }
    }
}

extension IssueCode {
    /// Why a file is refused as a whole; `nil` for a finding about a row.
    package var clause: String? {
        switch self {
        case .unreadable: "it could not be read"
        case .badEncoding: "its header is no text in the drop's encoding"
        case .emptyFile: "it is empty"
        case .unterminatedQuote: "a quote is opened and never closed, so the rest cannot be read"
        case .notCSV: "its content is not CSV"
        case .tooLarge: "it exceeds a limit of the drop"
        case .unknownType: "its name does not tell the record type"
        case .missingHeader: "its first line has no known column name"
        case .missingRequiredColumn: "a required column is missing from its header"
        case .duplicateColumn: "a column stands twice in its header"
        case .unmappedColumn: "a column is not in the bank's mapping"
        case .staleFile: "a newer snapshot of its type was already applied"
        case .badStructure: "a record stands where it may not"
        case .controlTotalMismatch: "its control totals disagree with its content"
        case .accountBoundElsewhere: "its account is already fed from another source"
        default: nil
        }
    }
}

/// What a guard counted when it held a file, from the detail of the event.
package func guardClause(_ detail: String?) -> String {
    guard let members = detail.flatMap({ JSONMembers($0) }) else { return "a guard stopped it" }
    func share(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0, part >= 0, part < Int64.max / 100 else { return "" }
        return " (\(part * 100 / whole) %)"
    }
    func counted(_ number: Int64) -> String { number == 1 ? "1 row" : "\(number) rows" }
    let rows = members.integer("rows") ?? 0
    let last = members.integer("last_rows") ?? 0
    let open = members.integer("open") ?? 0
    switch members.text("guard") {
    case "share":
        let clearing = members.integer("would_clear") ?? 0
        return "would clear \(clearing) of \(open)\(share(clearing, of: open))"
    case "shrunk": return "has \(counted(rows)), the last one had \(last)\(share(rows, of: last))"
    case "cut_short":
        return "looks cut short: \(counted(rows)) and no end of line, the last one had \(counted(last))"
    case "no_rows": return "has no rows, while \(open) records are open; the last one had \(counted(last))"
    default: return "a guard stopped it"
    }
}
