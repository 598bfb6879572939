import GRDB

/// The mail queue, for people who look at it.
package struct MailQueries: Sendable {
    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// A mail as the queue has it.
    package struct Mail: Sendable {
        package let id: Int64
        package let kind: String
        package let subject: String
        package let recipients: String
        package let state: String
        package let attempts: Int64
        package let nextAttemptAt: String?
        package let lastError: String?
        package let queuedAt: String
    }

    /// One recipient of a mail.
    package struct Delivery: Sendable {
        package let address: String
        package let state: String
        package let attempts: Int64
        package let nextAttemptAt: String
        package let settledAt: String?
        package let lastError: String?
    }

    /// A mail with its words and how it fared with each recipient.
    package struct Letter: Sendable {
        package let mail: Mail
        package let body: String
        package let run: Int64?
        package let deliveries: [Delivery]
    }

    /// Mails, newest first, those before `mail` if that is given; `isOpen`: those alone that not everybody has got.
    package func list(before mail: Int64? = nil, isOpen: Bool = false, limit: Int) throws -> [Mail] {
        try ledger.pool.read { db in
            // Those that are open are few and have an index; all of them are read by their key.
            let source =
                isOpen
                ? "(SELECT DISTINCT mail_id FROM mail_recipient WHERE state <> 'sent' AND mail_id < :before ORDER BY mail_id DESC LIMIT :limit)"
                : "(SELECT mail_id FROM mail WHERE mail_id < :before ORDER BY mail_id DESC LIMIT :limit)"
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT q.*, m.queued_at FROM \(source) JOIN mail_queue q USING (mail_id) JOIN mail m USING (mail_id)
                     ORDER BY mail_id DESC
                    """,
                arguments: ["before": mail ?? Int64.max, "limit": limit]
            ).map(Self.mail)
        }
    }

    /// A mail with everything about it; `nil` for an unknown number.
    package func letter(_ mail: Int64) throws -> Letter? {
        try ledger.pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT q.*, m.queued_at, m.body, m.run_id FROM mail m JOIN mail_queue q USING (mail_id)
                     WHERE m.mail_id = ?
                    """,
                arguments: [mail]
            )
            guard let row else { return nil }
            let deliveries = try Row.fetchAll(
                db,
                sql: "SELECT * FROM mail_recipient WHERE mail_id = ? ORDER BY address",
                arguments: [mail]
            ).map { row in
                Delivery(
                    address: row["address"],
                    state: row["state"],
                    attempts: row["attempts"],
                    nextAttemptAt: row["next_attempt_at"],
                    settledAt: row["settled_at"],
                    lastError: row["last_error"]
                )
            }
            return Letter(mail: Self.mail(row), body: row["body"], run: row["run_id"], deliveries: deliveries)
        }
    }

    private static func mail(_ row: Row) -> Mail {
        Mail(
            id: row["mail_id"],
            kind: row["kind"],
            subject: row["subject"],
            recipients: row["recipients"] ?? "",
            state: row["state"],
            attempts: row["attempts"] ?? 0,
            nextAttemptAt: row["next_attempt_at"],
            lastError: row["last_error"],
            queuedAt: row["queued_at"]
        )
    }
}
