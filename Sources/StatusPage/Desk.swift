package import Ledger

/// The seam to the daemon: what the page has done, and what it is told.
///
/// Nothing on the page changes the ledger by itself. What a person orders goes the way that the verbs of the command line
/// go, so that there is one writer and each order is an event with the person's name.
package protocol Desk: Sendable {
    /// Has an order carried out. MUST answer within half a minute; what takes longer is ``Outcome/State/underWay``.
    /// Repeating an order MUST be harmless.
    func perform(_ order: Order, by person: String) async -> Outcome

    /// Tells what an order would change. MUST NOT change anything.
    func preview(_ order: Order) async -> Preview

    /// How the drop stands. MUST answer without waiting for a load.
    func vitals() async -> Vitals

    /// The numbers in Prometheus' text form.
    func metrics() async throws -> String
}

/// Something a person on the page wants done.
package enum Order: Sendable, Equatable {
    case release(file: Int64, reason: String?)
    case discard(file: Int64, reason: String?)
    /// `older`: also when something newer of the type was applied, then without clearing.
    case replay(file: Int64, older: Bool)
    case poll
    case addRecipient(String)
    case removeRecipient(String)
    /// Digests about these record types only; none: about all.
    case subscribe(String, types: [String])
    case testRecipients
    /// A mail that was given up, or that waits, is tried now.
    case retryMail(Int64)
    /// Somebody who may sign in, from now on with this role and what scrypt made of the password.
    case putUser(String, role: Role, passwordHash: String)
    case removeUser(String)
}

/// What became of an order.
package struct Outcome: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case done
        /// Done, but not all is well: rows were rejected, a server refused.
        case doneWithFindings
        /// Not done; the text says why.
        case refused
        /// Left with the daemon, which is at work on something else.
        case underWay
    }

    package var state: State
    /// One or more lines for people.
    package var text: String

    package init(_ state: State, _ text: String) {
        self.state = state
        self.text = text
    }
}

/// What an order would change, before it is given.
package enum Preview: Sendable {
    case difference(Difference)
    /// The order would be refused, and why.
    case refused(String)
    /// It cannot be told, and why.
    case unknown(String)
    /// There is nothing to tell of such an order.
    case nothing
}

/// Three separate healths, never folded into one.
package struct Vitals: Sendable {
    package struct Health: Sendable {
        package var isWell: Bool
        /// Why not, or what was seen last.
        package var reason: String

        package init(_ isWell: Bool, _ reason: String = "") {
            self.isWell = isWell
            self.reason = reason
        }
    }

    /// The work loop makes progress.
    package var alive: Health
    /// The last connection worked, the ledger can be written, the disk has room.
    package var able: Health
    /// Runs finish, and files arrive when they are expected.
    package var fresh: Health
    /// When the next run begins, RFC 3339.
    package var nextRun: String
    package var version: String

    package init(alive: Health, able: Health, fresh: Health, nextRun: String, version: String) {
        self.alive = alive
        self.able = able
        self.fresh = fresh
        self.nextRun = nextRun
        self.version = version
    }
}
