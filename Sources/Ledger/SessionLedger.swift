import Foundation
import GRDB

/// Who is signed in to the page, so that a restart signs nobody out.
///
/// The page itself works from memory and writes behind: a load may hold the ledger for longer than a person waits.
package struct SessionLedger: Sendable {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// A session; what its browser holds is not in it, only the SHA-256 of that.
    package struct Session: Sendable, Equatable {
        package var hash: [UInt8]
        package var email: String
        /// Of the person, when it was opened.
        package var generation: Int64
        package var openedAt: Timestamp
        package var seenAt: Timestamp

        package init(
            hash: [UInt8],
            email: String,
            generation: Int64,
            openedAt: Timestamp,
            seenAt: Timestamp
        ) {
            self.hash = hash
            self.email = email
            self.generation = generation
            self.openedAt = openedAt
            self.seenAt = seenAt
        }
    }

    /// Somebody signed in, or tried to.
    package struct Attempt: Sendable, Equatable {
        /// `nil` for a name that is nobody's.
        package var email: String?
        package var address: String
        package var isRight: Bool
        package var at: Timestamp
    }

    /// The attempts since a moment, oldest first; of very many the newest.
    ///
    /// They are the events of signing in: who guesses gains nothing by a restart.
    package func attempts(since moment: Timestamp) throws -> [Attempt] {
        try ledger.pool.read { db in
            var attempts: [Attempt] = []
            let events = try Row.fetchCursor(
                db,
                sql: "SELECT at, event, detail FROM event ORDER BY seq DESC LIMIT 50000"
            )
            while let event = try events.next() {
                guard let at = Timestamp(event["at"] as String), at >= moment else { break }
                let isRight = (event["event"] as String) == EventName.sessionOpened.rawValue
                guard isRight || (event["event"] as String) == EventName.sessionRefused.rawValue,
                    let members = (event["detail"] as String?).flatMap({ JSONMembers($0) }),
                    let address = members.text("from")
                else { continue }
                attempts.append(
                    Attempt(email: members.text("user"), address: address, isRight: isRight, at: at)
                )
            }
            return attempts.reversed()
        }
    }

    /// Something that happened to a session, to be written down.
    package enum Change: Sendable {
        case opened(Session, from: String)
        case seen(hash: [UInt8], at: Timestamp)
        case closed(Session, because: String, at: Timestamp)
        /// Somebody could not sign in; `email` only if there is such a person.
        case refused(email: String?, from: String, because: String, at: Timestamp)
    }

    /// The sessions that were seen since a moment.
    package func list(seenSince moment: Timestamp) throws -> [Session] {
        try ledger.pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM page_session WHERE seen_at >= ?",
                arguments: [moment.text]
            ).compactMap { row in
                guard let openedAt = Timestamp(row["opened_at"] as String),
                    let seenAt = Timestamp(row["seen_at"] as String)
                else { return nil }
                return Session(
                    hash: Array(row["id_hash"] as Data),
                    email: row["email"],
                    generation: row["generation"],
                    openedAt: openedAt,
                    seenAt: seenAt
                )
            }
        }
    }

    /// Writes changes down in their order, in one transaction, without blocking the caller's thread.
    ///
    /// Sessions not seen since `moment` are forgotten.
    package func write(_ changes: [Change], forgetting moment: Timestamp) async throws {
        try await ledger.asyncWrite { db in
            for change in changes { try Self.write(change, db) }
            try db.execute(sql: "DELETE FROM page_session WHERE seen_at < ?", arguments: [moment.text])
        }
    }

    private static func write(_ change: Change, _ db: Database) throws {
        switch change {
        case .opened(let session, let address):
            try db.execute(
                sql: """
                    INSERT INTO page_session (id_hash, email, generation, opened_at, seen_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    Data(session.hash), session.email, session.generation, session.openedAt.text,
                    session.seenAt.text,
                ]
            )
            let facts: KeyValuePairs<String, JSONValue?> = [
                "user": .text(session.email), "from": .text(address),
            ]
            try db.append(Event(.sessionOpened, facts), at: session.openedAt)
        case .seen(let hash, let time):
            try db.execute(
                sql: "UPDATE page_session SET seen_at = ? WHERE id_hash = ?",
                arguments: [time.text, Data(hash)]
            )
        case .closed(let session, let reason, let time):
            try db.execute(
                sql: "DELETE FROM page_session WHERE id_hash = ?",
                arguments: [Data(session.hash)]
            )
            let facts: KeyValuePairs<String, JSONValue?> = [
                "user": .text(session.email), "reason": .text(reason),
            ]
            try db.append(Event(.sessionClosed, facts), at: time)
        case .refused(let email, let address, let reason, let time):
            try db.append(
                Event(
                    .sessionRefused,
                    [
                        "user": email.map { .text($0) }, "from": .text(address), "reason": .text(reason),
                    ]
                ),
                at: time
            )
        }
    }
}
