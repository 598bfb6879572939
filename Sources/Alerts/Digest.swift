import Ledger

/// The one mail about all that went wrong in a run.
struct Digest {
    let drop: String
    let zone: String
    /// `nil` for what happened outside of a run.
    let run: AlertRun?
    /// How many files stand in it, for each reason.
    var counts: [DigestWindow.Reason: Int] = [:]
    /// The first of them.
    var files: [DigestFile] = []
    /// The places of files that were ignored for their names.
    var ignored: [String] = []
    /// How many those are in all.
    var ignoredCount = 0

    /// How many files are shown in full.
    static let fileLimit = 20

    var isEmpty: Bool { counts.values.allSatisfy { $0 == 0 } && ignoredCount == 0 }

    var subject: String {
        guard counts.values.reduce(0, +) == 1, ignoredCount == 0, let only = files.first else {
            return "\(shown(drop)): \(summary.joined(separator: ", "))"
        }
        let reason = only.file.reason.map { " (\(shown($0)))" } ?? ""
        return "\(shown(drop)): \(shown(only.file.name)) \(words(only.reason).alone)\(reason)"
    }

    var body: String {
        var lines = [
            "Drop \(shown(drop)), " + (run.map { "run \($0.id) (\($0.trigger))" } ?? "outside of a run")
        ]
        if let slot = run?.slot { lines.append("Slot \(SlotTime.text(slot, zone: zone))") }
        lines += ["", summary.joined(separator: ", ") + "."]
        for (index, file) in files.enumerated() {
            lines.append("")
            lines += file.lines.enumerated().map { $0 == 0 ? "\(index + 1). \($1)" : " \($1)" }
        }
        let rest = counts.values.reduce(0, +) - files.count
        if rest > 0 {
            lines += ["", "And \(rest) more files. All of them: ledgerdrop files --drop \(shown(drop))"]
        }
        if ignoredCount > 0 {
            lines += ["", "Ignored, since their names do not end in .csv; told once:"]
            lines += ignored.map { "  \(shown($0))" }
            if ignoredCount > ignored.count { lines.append("  and \(ignoredCount - ignored.count) more") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: [String] {
        var parts = DigestWindow.Reason.allCases.compactMap { reason -> String? in
            guard let count = counts[reason], count > 0 else { return nil }
            return "\(count) \(count == 1 ? "file" : "files") \(words(reason).many)"
        }
        if ignoredCount > 0 {
            parts.append("\(ignoredCount) new \(ignoredCount == 1 ? "name" : "names") ignored")
        }
        return parts
    }

    private func words(_ reason: DigestWindow.Reason) -> (alone: String, many: String) {
        switch reason {
        case .failed: ("failed", "failed")
        case .held: ("is held", "held")
        case .loadedWithErrors: ("was loaded with errors", "loaded with errors")
        case .rowsExpired: ("had parked rows given up", "with parked rows given up")
        case .nearMiss: ("has a header that is nearly right", "with a header that is nearly right")
        }
    }

    /// Text from outside made fit for a mail.
    private func shown(_ text: String) -> String { DisplayText(text, limit: 400).escaped }
}
