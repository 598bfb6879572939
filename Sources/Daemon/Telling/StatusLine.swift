import Intake
package import Ledger

/// One event as one line of the status log: JSON, the same keys for ever (`operations.md` 14).
package enum StatusLine {
    /// No line is longer, in bytes, its end included.
    package static let limit = 16 * 1024

    /// The keys that stand at the top, in this order; all others stand in `detail`.
    private static let topKeys = [
        "slot", "trigger", "name", "name_cut", "type", "state", "reason", "size", "sha256", "rows_total",
        "rows_inserted", "rows_updated", "rows_unchanged", "rows_rejected", "rows_parked", "rows_cleared",
        "rows_deleted", "warnings", "listed", "batched", "waiting", "settled", "ignored", "ingested",
        "duplicate",
        "failed", "deferred", "attempt", "duration_ms",
    ]

    /// The line of an event, without its end.
    package static func json(_ event: StoredEvent, drop: String) -> String {
        let members = JSONMembers(event.detail)?.members.filter { $0.value != "null" } ?? []
        var values: [String: String] = [:]
        for (key, value) in members where topKeys.contains(key) { values[key] = String(value) }
        if let name = JSONMembers(event.detail)?.text("name") {
            let shown = DisplayText(bytes: EscapedBytes.bytes(name))
            values["name"] = JSONValue.text(shown.text).json
            if shown.isCut { values["name_cut"] = "true" }
        }
        var line = "{\"seq\":\(event.seq),\"at\":\(JSONValue.text(event.at).json)"
        line +=
            ",\"event\":\(JSONValue.text(event.event).json),\"level\":\"\(event.level.rawValue)\",\"schema\":1"
        line += ",\"drop\":\(JSONValue.text(drop).json)"
        if let run = event.run { line += ",\"run\":\(run)" }
        if let file = event.file { line += ",\"file\":\(file)" }
        for key in topKeys {
            if let value = values[key] { line += ",\"\(key)\":\(value)" }
        }
        let rest = members.filter { !topKeys.contains($0.key) }
        return line + detail(rest, room: limit - line.utf8.count - 64) + "}"
    }

    /// The members that fit; what does not is left out, largest first, and `detail.cut` says so.
    private static func detail(_ members: [(key: String, value: Substring)], room: Int) -> String {
        guard !members.isEmpty else { return "" }
        var kept = members
        func size() -> Int { kept.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 4 } }
        while size() > room,
            let largest = kept.indices.max(by: { kept[$0].value.utf8.count < kept[$1].value.utf8.count })
        {
            kept.remove(at: largest)
        }
        var parts = kept.map { "\(JSONValue.text($0.key).json):\($0.value)" }
        if kept.count < members.count { parts.append("\"cut\":true") }
        return ",\"detail\":{\(parts.joined(separator: ","))}"
    }
}
