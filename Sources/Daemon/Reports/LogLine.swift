import Ledger

/// A line of the status log for human eyes: `ledgerdrop log`.
package enum LogLine {
    /// `10:00:36Z warning file.loaded_with_errors invoices.csv open_invoices rows_total=1204 …`; a line that cannot be
    /// read is shown as it is, escaped.
    package static func text(_ line: String) -> String {
        guard let members = JSONMembers(line), let at = members.text("at"), let event = members.text("event")
        else {
            return DisplayText(line, limit: 1024).escaped
        }
        var text = "\(at.prefix(19))Z \((members.text("level") ?? "").padded(to: 7)) \(event)"
        if let name = members.text("name") { text += " \(name)" }
        let known = ["seq", "at", "event", "level", "schema", "drop", "name", "sha256"]
        for (key, value) in members.members where !known.contains(key) {
            // A count of nothing tells nothing.
            if value == "0" { continue }
            text += " \(key)=\(members.text(key) ?? String(value))"
        }
        return DisplayText(text, limit: 4096).escaped
    }
}
