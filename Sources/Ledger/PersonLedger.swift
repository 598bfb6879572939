import GRDB

/// The people who may sign in to the page.
package struct PersonLedger: Sendable {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Somebody who may sign in.
    package struct Person: Sendable, Equatable {
        /// An e-mail address; upper and lower case are the same.
        package var email: String
        package var role: Role
        /// Scrypt's, in our own notation; empty: nobody can sign in with it.
        package var passwordHash: String
        /// Grows with each change, which ends the sessions that were opened before it.
        package var generation: Int64
        package var addedAt: String
    }

    /// Everybody, by address.
    package func list() throws -> [Person] {
        try ledger.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM user ORDER BY email").compactMap(Self.person)
        }
    }

    /// The person of an address; `nil` for nobody.
    package func person(_ email: String) throws -> Person? {
        try ledger.pool.read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM user WHERE email = ?"),
                arguments: [email]
            ).flatMap(Self.person)
        }
    }

    /// What a change came to.
    package enum Change: String, Sendable {
        case added
        case changed
        case removed
        case none = "already_done"
    }

    /// Adds a person, or gives one who is there another password and role.
    package func put(
        _ email: String,
        role: Role,
        passwordHash: String,
        by user: String,
        at time: Timestamp
    ) throws -> Change {
        try ledger.write { db in
            let isNew =
                try
                !(Bool.fetchOne(
                    db,
                    sql: "SELECT EXISTS (SELECT 1 FROM user WHERE email = ?)",
                    arguments: [email]
                ) ?? false)
            try db.execute(
                sql: """
                    INSERT INTO user (email, added_at, role, password_hash) VALUES (?, ?, ?, ?)
                    ON CONFLICT (email) DO UPDATE
                       SET role = excluded.role, password_hash = excluded.password_hash, generation = generation + 1
                    """,
                arguments: [email, time.text, role.rawValue, passwordHash]
            )
            let change: Change = isNew ? .added : .changed
            try db.append(
                Event(
                    .userChanged,
                    [
                        "user": .text(email), "change": .text(change.rawValue), "role": .text(role.rawValue),
                        "by": .text(user),
                    ]
                ),
                at: time
            )
            return change
        }
    }

    /// Removes a person; whoever is signed in under that name is no longer.
    package func remove(_ email: String, by user: String, at time: Timestamp) throws -> Change {
        try ledger.write { db in
            try db.execute(sql: "DELETE FROM user WHERE email = ?", arguments: [email])
            guard db.changesCount > 0 else { return .none }
            try db.execute(sql: "DELETE FROM page_session WHERE email = ?", arguments: [email])
            try db.append(
                Event(.userChanged, ["user": .text(email), "change": "removed", "by": .text(user)]),
                at: time
            )
            return .removed
        }
    }

    private static func person(_ row: Row) -> Person? {
        guard let role = Role(rawValue: row["role"]) else { return nil }
        return Person(
            email: row["email"],
            role: role,
            passwordHash: row["password_hash"],
            generation: row["generation"],
            addedAt: row["added_at"]
        )
    }
}
