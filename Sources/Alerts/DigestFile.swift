import Ledger

/// One file's paragraph in a digest.
struct DigestFile {
    let drop: String
    let reason: DigestWindow.Reason
    let file: AlertFile
    /// The near-miss sentences about its header that were not told before.
    var nearMisses: [String] = []

    static let issueLimit = 10

    var lines: [String] {
        var lines = ["\(shown(file.name)): \(headline)"]
        add(
            "type",
            [file.type ?? "unknown", size, hash, "file \(file.id)"].compactMap(\.self).joined(separator: ", ")
        )
        if file.state == "loaded" || file.state == "loaded_with_errors" || file.state == "duplicate" {
            add("rows", rows)
        }
        add("guard", file.remarks.prefix(Self.issueLimit).map(shown))
        add("issues", issues)
        add("header", nearMisses.map(shown))
        add("now", place)
        add("next", next)
        add("more", commands)
        return lines

        func add(_ label: String, _ text: String) { add(label, [text]) }

        func add(_ label: String, _ texts: [String]) {
            for (index, text) in texts.enumerated() {
                let name = index == 0 ? label : ""
                lines.append("  " + name + String(repeating: " ", count: 8 - name.count) + text)
            }
        }
    }

    private var headline: String {
        let state = file.reason.map { "\(file.state), \(shown($0))" } ?? file.state
        return reason == .rowsExpired ? "parked rows given up" : state
    }

    private var size: String? { file.size.map { "\($0) bytes" } }

    private var hash: String? { file.sha256.map { "sha256 \($0.prefix(12))" } }

    private var rows: String {
        let counts = file.counts
        let main =
            "\(counts.total) = \(counts.inserted) inserted + \(counts.updated) updated"
            + " + \(counts.unchanged) unchanged + \(counts.rejected) rejected + \(counts.parked) parked"
        return main + "; \(counts.cleared) cleared, \(counts.deleted) deleted"
    }

    private var issues: [String] {
        var lines = file.issues.map { issue in
            let place = [issue.line.map { "line \($0)" }, issue.column.map(shown)].compactMap(\.self)
                .joined(separator: ", ")
            return (place.isEmpty ? "" : place + ": ") + "\(issue.code), \(shown(issue.words))"
        }
        let rest = file.issueCount - file.issues.count
        if rest > 0 { lines.append("and \(rest) more") }
        return lines
    }

    private var place: String {
        let folder = shown(file.path)
        guard let action = file.disposal, action != .leave else { return "stays at \(folder)" }
        let target =
            switch action {
            case .processed: "to processed/"
            case .failed: "to failed/"
            case .delete: "away (deleted)"
            case .leave: ""
            }
        let report = file.hasReport ? ", with failed/\(shown(file.name)).errors.csv" : ""
        return (file.isDisposed ? "moved " : "on its way ") + target + report + ", from \(folder)"
    }

    private var next: String {
        switch reason {
        case .failed:
            "A person is needed: nothing of it was loaded. Mend the file and send it again."
        case .held:
            "A person is needed: nothing of it was applied. Release it, discard it, or send a newer file."
        case .loadedWithErrors where file.counts.rejected > 0:
            "A person is needed: the other rows are loaded. Mend the rejected rows and send them again."
        case .loadedWithErrors:
            "The other rows are loaded. Parked rows are applied when their parent arrives; nothing to do yet."
        case .rowsExpired:
            "A person is needed: the parent of these rows never came. Send it, then these rows again."
        case .nearMiss:
            "A person is needed if the name is a mistake: the column is not read as the native one."
        }
    }

    private var commands: [String] {
        let tail = "\(file.id) --drop \(shown(drop))"
        var commands: [String] = []
        if reason == .held { commands += ["ledgerdrop release \(tail)", "ledgerdrop discard \(tail)"] }
        if file.counts.rejected + file.counts.parked > 0 { commands.append("ledgerdrop errors \(tail)") }
        return commands + ["ledgerdrop explain \(tail)"]
    }

    /// Text from outside made fit for a mail.
    private func shown(_ text: String) -> String { DisplayText(text, limit: 400).escaped }
}
