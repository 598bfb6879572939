package import Foundation

/// Something an operator asks of whoever holds the drop: the daemon, or the verb itself when there is none.
///
/// Repeating a request is harmless; what has been done already is answered with `already_done`.
package struct Request: Sendable, Codable, Equatable {
    /// What is asked about a change before it is made.
    package struct Preview: Sendable, Codable, Equatable {
        package var file: Int64
        package var intent: FilePreview.Intent
        /// How many rows of each kind are listed; `nil` for all.
        package var perKind: Int?
        package var showsValues: Bool
        package var form: RowsFile.Form
        /// Names the file that takes the rows.
        package var rows: UUID

        package init(
            of file: Int64,
            for intent: FilePreview.Intent,
            perKind: Int?,
            showsValues: Bool,
            form: RowsFile.Form
        ) {
            self.file = file
            self.intent = intent
            self.perKind = perKind
            self.showsValues = showsValues
            self.form = form
            rows = UUID()
        }
    }

    package enum Verb: Sendable, Codable, Equatable {
        /// One run now; it consumes no slot.
        case poll
        /// A file again, against today's ledger; without `older` only while nothing newer of its type was applied.
        case replay(file: Int64, dryRun: Bool, older: Bool)
        /// What a replay or a release would change.
        case preview(Preview)
        case release(file: Int64, reason: String?)
        case discard(file: Int64, reason: String?)
        case addRecipient(String)
        case removeRecipient(String)
        case testRecipients
        /// Sends a recipient digests about some record types only; none: about all.
        case subscribe(address: String, types: [String])
        /// Tries a mail now that was given up or that waits.
        case retryMail(Int64)
        /// Somebody who may sign in to the page, from now on with this role and password; only what scrypt made of it.
        case putUser(email: String, role: String, passwordHash: String)
        case removeUser(String)
        /// Trusts a host key; `notAfter` is its last day, `YYYY-MM-DD`.
        case acceptHostKey(pin: String, notAfter: String?)
        /// A whole backup of so many bytes was made, up to an event.
        case noteBackup(bytes: Int64, lastEvent: Int64)
        /// Holds stated balances against open items now.
        case reconcile

        /// Whether it settles a file, which then has to be moved on the server.
        var decidesFile: Bool {
            switch self {
            case .replay(_, let dryRun, _): !dryRun
            case .release, .discard: true
            case .poll, .preview, .addRecipient, .removeRecipient, .testRecipients, .subscribe, .retryMail,
                .putUser,
                .removeUser, .acceptHostKey, .noteBackup, .reconcile:
                false
            }
        }

        /// Whether it waits for a run that is at work, and no run begins meanwhile.
        var takesTurns: Bool { self == .poll || self == .reconcile }

        /// The word on the command line.
        package var word: String {
            switch self {
            case .poll: "poll"
            case .replay: "replay"
            case .preview(let preview): "\(preview.intent == .release ? "release" : "replay") --dry-run"
            case .release: "release"
            case .discard: "discard"
            case .addRecipient: "recipients add"
            case .removeRecipient: "recipients remove"
            case .testRecipients: "recipients test"
            case .subscribe: "recipients subscribe"
            case .retryMail: "mail retry"
            case .putUser: "user add"
            case .removeUser: "user remove"
            case .acceptHostKey: "hostkey accept"
            case .noteBackup: "backup"
            case .reconcile: "reconcile"
            }
        }
    }

    package var verb: Verb
    /// The name of the user who asked.
    package var user: String
    /// RFC 3339, UTC.
    package var at: String

    package init(_ verb: Verb, user: String, at: String) {
        self.verb = verb
        self.user = user
        self.at = at
    }
}
