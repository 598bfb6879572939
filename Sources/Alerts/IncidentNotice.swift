import Ledger

/// The words of the mails about an incident: when it begins, while it lasts, when it is over.
struct IncidentNotice {
    let drop: String
    let zone: String
    let kind: String
    let subject: String

    private var text: IncidentText { IncidentText(kind: kind, subject: subject) }

    var title: String { text.title }

    /// The mail that tells of it first; `facts` are the plain values that the event holds.
    func opening(at time: Timestamp, facts: [(key: String, value: String)]) -> (subject: String, body: String)
    {
        var lines = [
            "Drop \(shown(drop)): \(title).",
            "",
            "Since    \(SlotTime.text(time, zone: zone))",
        ]
        for fact in facts.prefix(20) {
            let key = shown(fact.key)
            lines.append(key + String(repeating: " ", count: max(1, 9 - key.count)) + shown(fact.value))
        }
        lines += ["", meaning, advice, "", "You will be reminded while it lasts, and told when it is over."]
        return ("\(shown(drop)): \(title)", Self.text(lines))
    }

    /// The mail that reminds of it.
    func reminder(since: Timestamp) -> (subject: String, body: String) {
        let lines = [
            "Drop \(shown(drop)): \(title), still.",
            "",
            "Since    \(SlotTime.text(since, zone: zone))",
            "",
            meaning,
            advice,
        ]
        return ("\(shown(drop)): still, \(title)", Self.text(lines))
    }

    /// What it means for the files.
    private var meaning: String {
        switch kind {
        case "unreachable", "hostkey_mismatch", "auth_refused", "run_failed":
            "No files are taken meanwhile. Nothing is lost: the next run takes what has arrived."
        case "disk_low": "No files are fetched until there is room again. They stay on the server."
        case "arrival_missing": "What is stored stays as it is."
        case "config_refused": "The daemon goes on with the configuration it had."
        case "lease_lost": "This process loads nothing any more, so that no file is applied twice."
        case "disposal_stuck": "What was loaded stays loaded. The files still lie where they were dropped."
        case "report_stuck":
            "Nothing is loaded from validate/ in any case. The senders wait for their reports."
        case "claim_stale":
            "This ledger has not loaded those files; they lie in processing/ beside where they were dropped."
        case "variance": "What was loaded is stored as it was sent; the files do not agree with one another."
        case "mail": "Mails wait in the queue and are tried again for five days."
        default: ""
        }
    }

    /// What to do about it.
    private var advice: String {
        (text.needsPerson ? "A person is needed. " : "") + text.remedy(options: "--drop \(shown(drop))")
    }

    /// Text from outside made fit for a mail.
    private func shown(_ text: String) -> String { DisplayText(text).escaped }

    private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
}
