import Ledger

/// The words of the mail that says what is well again.
struct RecoveryNotice {
    let drop: String
    let zone: String
    let time: Timestamp
    var run: Int64?
    /// Conditions that are over: the title of each and since when it had lasted.
    var conditions: [(title: String, since: Timestamp)] = []
    /// Record types that load cleanly again.
    var types: [String] = []
    /// Files whose parked rows have been applied.
    var healed: [(name: String, file: Int64, openRows: Int)] = []

    var isEmpty: Bool { conditions.isEmpty && types.isEmpty && healed.isEmpty }

    var subject: String {
        let name = DisplayText(drop).escaped
        if let first = conditions.first {
            return "\(name): over, \(first.title)" + more(conditions.count - 1 + types.count)
        }
        if let first = types.first {
            return "\(name): \(DisplayText(first).escaped) loads cleanly again" + more(types.count - 1)
        }
        return "\(name): parked rows were applied"
    }

    var body: String {
        var lines = ["Drop \(DisplayText(drop).escaped)" + (run.map { ", run \($0)" } ?? "")]
        lines.append("At       \(SlotTime.text(time, zone: zone))")
        lines.append("")
        for condition in conditions {
            lines.append("Over: \(condition.title), since \(SlotTime.text(condition.since, zone: zone)).")
        }
        for type in types {
            lines.append("Loads cleanly again: \(DisplayText(type).escaped).")
        }
        for file in healed.prefix(20) {
            let rest =
                switch file.openRows {
                case 0: "no row of it is open"
                case 1: "1 row of it is still open"
                default: "\(file.openRows) rows of it are still open"
                }
            lines.append(
                "Parked rows applied: \(DisplayText(file.name).escaped) (file \(file.file)); \(rest)."
            )
        }
        if healed.count > 20 { lines.append("And \(healed.count - 20) more files with parked rows applied.") }
        lines += ["", "No person is needed."]
        return lines.joined(separator: "\n") + "\n"
    }

    private func more(_ count: Int) -> String { count > 0 ? ", and \(count) more" : "" }
}
