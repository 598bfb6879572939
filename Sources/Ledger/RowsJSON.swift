extension FileRow {
    /// The columns of the view `files` under the same names.
    package var jsonValue: JSONValue {
        let texts: [(String, String?)] = [
            ("type", type), ("name", name), ("path", path), ("sha256", sha256), ("state", state),
            ("reason", reason),
            ("first_seen_at", firstSeenAt), ("received_at", receivedAt), ("settled_at", settledAt),
        ]
        let numbers: [(String, Int64?)] = [
            ("size", size), ("attempt", attempt), ("rows_total", total), ("rows_inserted", inserted),
            ("rows_updated", updated), ("rows_unchanged", unchanged), ("rows_rejected", rejected),
            ("rows_parked", parked), ("rows_cleared", cleared), ("rows_deleted", deleted),
            ("warnings", warnings),
        ]
        var members: [(key: String, value: JSONValue)] = [("file_id", .integer(id))]
        if let run { members.append(("run_id", .integer(run))) }
        members += texts.compactMap { name, text in text.map { (name, .text($0)) } }
        members += numbers.compactMap { name, number in number.map { (name, .integer($0)) } }
        return .object(members)
    }
}

extension IssueRow {
    /// The finding without its file.
    package var jsonValue: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("severity", .text(severity)), ("code", .text(code)), ("message", .text(message)),
        ]
        if let line { members.append(("line", .integer(line))) }
        if let record { members.append(("record", .integer(record))) }
        if let column { members.append(("column", .text(column))) }
        return .object(members)
    }
}

extension RunRow {
    /// The columns of the view `runs` under the same names.
    package var jsonValue: JSONValue {
        let texts: [(String, String?)] = [
            ("slot", slot), ("trigger", trigger), ("state", state), ("reason", reason),
            ("started_at", startedAt),
            ("finished_at", finishedAt),
        ]
        let numbers: [(String, Int64?)] = [
            ("listed", listed), ("batched", batched), ("waiting", waiting), ("settled", settled),
            ("ignored", ignored),
        ]
        var members: [(key: String, value: JSONValue)] = [("run_id", .integer(id))]
        members += texts.compactMap { name, text in text.map { (name, .text($0)) } }
        members += numbers.compactMap { name, number in number.map { (name, .integer($0)) } }
        return .object(members)
    }
}
