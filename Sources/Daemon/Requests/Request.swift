import Foundation

/// Something an operator asks of whoever holds the drop: the daemon, or the verb itself when there is none.
///
/// Repeating a request is harmless; what has been done already is answered with `already_done`.
package struct Request: Sendable, Codable, Equatable {
    package enum Verb: Sendable, Codable, Equatable {
        /// One run now; it consumes no slot.
        case poll
        /// A file again, against today's ledger; without `older` only while nothing newer of its type was applied.
        case replay(file: Int64, dryRun: Bool, older: Bool)
        case release(file: Int64, reason: String?)
        case discard(file: Int64, reason: String?)
        case addRecipient(String)
        case removeRecipient(String)
        case testRecipients
        /// Trusts a host key; `notAfter` is its last day, `YYYY-MM-DD`.
        case acceptHostKey(pin: String, notAfter: String?)

        /// Whether it settles a file, which then has to be moved on the server.
        var decidesFile: Bool {
            switch self {
            case .replay(_, let dryRun, _): !dryRun
            case .release, .discard: true
            case .poll, .addRecipient, .removeRecipient, .testRecipients, .acceptHostKey: false
            }
        }

        /// The word on the command line.
        package var word: String {
            switch self {
            case .poll: "poll"
            case .replay: "replay"
            case .release: "release"
            case .discard: "discard"
            case .addRecipient: "recipients add"
            case .removeRecipient: "recipients remove"
            case .testRecipients: "recipients test"
            case .acceptHostKey: "hostkey accept"
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

/// What became of a request.
package struct Answer: Sendable, Codable, Equatable {
    /// The exit status of the verb.
    package var exit: ExitStatus
    /// What is printed on stdout: lines for people, and the same as JSON.
    package var text: String
    package var json: String
    /// What is printed on stderr; empty when there is nothing to complain about.
    package var problem: String

    package init(exit: ExitStatus = .ok, text: String = "", json: String = "{}", problem: String = "") {
        self.exit = exit
        self.text = text
        self.json = json
        self.problem = problem
    }
}

/// Why a command ended, in the numbers of `sysexits.h` (`operations.md` 11).
package enum ExitStatus: Int32, Sendable, Codable, Error, Comparable {
    case ok = 0
    /// The command line is wrong.
    case usage = 64
    /// Done, but files failed or were held, or rows were rejected or parked.
    case dataError = 65
    /// No such file, run or record type, or its spool copy is pruned.
    case noInput = 66
    /// The SFTP or SMTP server cannot be reached.
    case unavailable = 69
    /// A fault of ours.
    case software = 70
    /// An output could not be created.
    case cannotCreate = 73
    /// Read or write error, or the ledger is damaged.
    case inputOutput = 74
    /// Held by another, busy, or no answer in time.
    case temporary = 75
    /// The server broke the protocol.
    case protocolError = 76
    /// Host key or authentication refused.
    case noPermission = 77
    /// The configuration is invalid.
    case configuration = 78

    /// Of several the one furthest down the table counts.
    package static func < (one: ExitStatus, other: ExitStatus) -> Bool { one.rawValue < other.rawValue }
}
