/// What a condition that lasts is called, and what a person can do about it, for the page and the verbs.
package struct IncidentText: Sendable {
    private let kind: String
    private let subject: String

    package init(kind: String, subject: String) {
        self.kind = kind
        self.subject = DisplayText(subject).escaped
    }

    /// The condition in a few words, escaped.
    package var title: String {
        switch kind {
        case "unreachable": "the inbox cannot be reached"
        case "hostkey_mismatch": "the server shows another host key"
        case "auth_refused": "the server refuses our login"
        case "run_failed": "a run failed: \(subject)"
        case "disk_low": "the disk is nearly full"
        case "arrival_missing": "no file of \(subject) has come"
        case "config_refused": "the changed configuration was refused"
        case "lease_lost": "another process has taken the ledger over"
        case "disposal_stuck": "loaded files cannot be put away on the server"
        case "report_stuck": "reports about checked files cannot be written to the server"
        case "claim_stale": "another daemon holds files of this drop for more than a day"
        case "variance": "open items do not come to the stated balances"
        case "mail": "mail cannot be delivered: \(subject)"
        case "type": "\(subject): files or rows were refused"
        default: "\(DisplayText(kind.replacing("_", with: " ")).escaped): \(subject)"
        }
    }

    /// What to do about it, in a sentence or two.
    ///
    /// - Parameter options: What a verb needs to know which drop is meant, such as `--drop acme`.
    package func remedy(options: String = "") -> String {
        func command(_ verb: String) -> String {
            "ledgerdrop \(verb)" + (options.isEmpty ? "" : " \(options)")
        }
        return switch kind {
        case "unreachable":
            "It is tried again at every slot; see whether server and network are up: \(command("doctor"))"
        case "hostkey_mismatch":
            "Nothing was sent to that server. Ask whoever runs it whether the key was changed; if so: "
                + "\(command("hostkey scan")), then \(command("hostkey accept PIN"))"
        case "auth_refused": "Check user, key and password with whoever runs the server."
        case "disk_low": "Make room in the state directory. The files stay on the server until then."
        case "arrival_missing": "Ask the sender."
        case "config_refused": "See what is wrong with it: \(command("config check"))"
        case "lease_lost": "See which host serves this drop, and stop one of both."
        case "disposal_stuck": "Check our rights in the folders of the server. It is tried again."
        case "report_stuck":
            "Check our rights in the folders below validate/ on the server. It is tried again."
        case "claim_stale":
            "Find the other daemon (the owner is the id of its ledger) and start or stop it. If it is gone for good and "
                + "has not loaded them, move its files back to where they were dropped."
        case "variance": "See which customers: \(command("reconcile")), or the page Balances"
        case "mail":
            "Check the section mail of the configuration, then: \(command("recipients test"))"
        case "type": "It is over once a file of this type loads cleanly."
        default: "See: \(command("doctor"))"
        }
    }

    /// Whether it stays until a person does something.
    package var needsPerson: Bool {
        switch kind {
        case "hostkey_mismatch", "auth_refused", "disk_low", "arrival_missing", "config_refused",
            "lease_lost", "disposal_stuck", "report_stuck", "claim_stale", "variance", "mail":
            true
        default: false
        }
    }
}
