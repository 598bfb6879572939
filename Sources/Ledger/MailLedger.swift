import GRDB

/// What kind of mail it is; the words of the view `mail_queue`.
package enum MailKind: String, Sendable {
    case digest
    case recovery
    case incident
    case reminder
    case test
}

/// A mail to one recipient, whose time to be tried has come.
package struct DueMail: Sendable, Equatable {
    package var mail: Int64
    package var kind: MailKind
    package var subject: String
    package var body: String
    /// The mail that this one follows.
    package var reference: Int64?
    package var run: Int64?
    package var queuedAt: Timestamp
    package var recipient: String
    /// All who get it, for the header.
    package var recipients: [String]
    /// How often it was tried before.
    package var attempts: Int
    package var lastError: String?
}

/// What an attempt came to.
package enum MailAttempt: Sendable, Equatable {
    case sent
    /// To be tried again then.
    case deferred(until: Timestamp, reason: String, error: String)
    /// Never to be tried again.
    case dead(reason: String, error: String)
}

extension AlertTransaction {
    /// Queues a mail to an audience, else to everybody on the list of recipients; while nobody is on it, the mail waits for the first.
    ///
    /// It is due at `firstAttempt`, at once if that is `nil`. The number of the mail is returned.
    @discardableResult
    package func queue(
        _ kind: MailKind,
        subject: String,
        body: String,
        reference: Int64? = nil,
        run: Int64? = nil,
        to audience: Audience? = nil,
        firstAttempt: Timestamp? = nil
    ) throws -> Int64 {
        try db.execute(
            sql:
                "INSERT INTO mail (kind, subject, body, reference, run_id, queued_at) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [kind.rawValue, subject, body, reference, run, time.text]
        )
        let mail = db.lastInsertedRowID
        try db.execute(
            sql: """
                INSERT INTO mail_recipient (mail_id, address, state, next_attempt_at)
                SELECT :mail, address, 'queued', :due FROM recipient
                 WHERE :types IS NULL OR :types = (SELECT coalesce(group_concat(type, ' '), '') FROM
                       (SELECT type FROM recipient_type t WHERE t.address = recipient.address ORDER BY type))
                """,
            arguments: [
                "mail": mail, "due": (firstAttempt ?? time).text,
                "types": audience.map { $0.types.joined(separator: " ") },
            ]
        )
        let recipients = db.changesCount
        try db.append(
            Event(
                .mailQueued,
                run: run,
                [
                    "mail": .integer(mail), "kind": .text(kind.rawValue),
                    "recipients": .integer(Int64(recipients)),
                ]
            ),
            at: time
        )
        return mail
    }

    /// The next mail to try, the oldest first; `nil` when none is due.
    package func nextDue() throws -> DueMail? {
        try fetchDue("r.state = 'queued' AND r.next_attempt_at <= ?", [time.text]).first
    }

    /// When the next mail is to be tried; `nil` when none is queued.
    package func nextAttempt() throws -> Timestamp? {
        try String.fetchOne(db, sql: "SELECT min(next_attempt_at) FROM mail_recipient WHERE state = 'queued'")
            .flatMap(Timestamp.init)
    }

    /// The recipients of one mail that did not get it yet.
    package func outstanding(of mail: Int64) throws -> [DueMail] {
        try fetchDue("r.state = 'queued' AND r.mail_id = ?", [mail], limit: -1)
    }

    /// Writes down what an attempt came to, with the event that tells it.
    ///
    /// A mail that waits is told at its first attempt and when the reason changes, else five days of an unreachable relay
    /// would be thousands of lines.
    package func settle(_ due: DueMail, as attempt: MailAttempt) throws {
        var error: String?
        var next = time
        let state: String
        var event = Event(
            .mailSent,
            run: due.run,
            [
                "mail": .integer(due.mail), "kind": .text(due.kind.rawValue),
                "recipient": .text(due.recipient),
                "attempt": .integer(Int64(due.attempts) + 1),
            ]
        )
        switch attempt {
        case .sent:
            state = "sent"
        case .deferred(let until, let reason, let words):
            (state, next, error) = ("queued", until, "\(reason): \(words)")
            event.name = .mailDeferred
            event = event.with("reason", .text(reason))
        case .dead(let reason, let words):
            (state, error) = ("dead", "\(reason): \(words)")
            event.name = .mailDead
            event = event.with("reason", .text(reason))
        }
        try db.execute(
            sql: """
                UPDATE mail_recipient
                   SET state = :state, attempts = attempts + 1, next_attempt_at = :next, last_error = :error,
                       settled_at = CASE WHEN :state = 'queued' THEN NULL ELSE :now END
                 WHERE mail_id = :mail AND address = :address AND state = 'queued'
                """,
            arguments: [
                "state": state, "next": next.text, "error": error, "now": time.text, "mail": due.mail,
                "address": due.recipient,
            ]
        )
        guard db.changesCount == 1, state != "queued" || error != due.lastError else { return }
        try db.append(event, at: time)
    }

    /// Gives up every mail that was queued before a moment and could not be delivered since.
    package func expireMails(queuedBefore moment: Timestamp, reason: String, error: String) throws {
        for due in try fetchDue("r.state = 'queued' AND m.queued_at <= ?", [moment.text], limit: -1) {
            try settle(due, as: .dead(reason: reason, error: error))
        }
    }

    /// Makes a mail due now for everybody who did not get it, also where it was given up.
    ///
    /// Its days are counted anew. Returns for how many; `nil` for an unknown number.
    package func retry(_ mail: Int64, by person: String) throws -> Int? {
        let isThere = try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM mail WHERE mail_id = ?)",
            arguments: [mail]
        )
        guard isThere == true else { return nil }
        try db.execute(
            sql: """
                UPDATE mail_recipient SET state = 'queued', next_attempt_at = :now, settled_at = NULL
                 WHERE mail_id = :mail AND state <> 'sent'
                """,
            arguments: ["now": time.text, "mail": mail]
        )
        let count = db.changesCount
        guard count > 0 else { return 0 }
        try db.execute(
            sql: "UPDATE mail SET queued_at = :now WHERE mail_id = :mail AND queued_at < :limit",
            arguments: ["now": time.text, "mail": mail, "limit": time.adding(seconds: -4 * 86_400).text]
        )
        try db.append(
            Event(
                .mailQueued,
                ["mail": .integer(mail), "recipients": .integer(Int64(count)), "by": .text(person)]
            ),
            at: time
        )
        return count
    }

    /// Makes every queued mail due now: after a start, or when the settings have changed.
    package func hastenMails() throws {
        try db.execute(
            sql:
                "UPDATE mail_recipient SET next_attempt_at = :now WHERE state = 'queued' AND next_attempt_at > :now",
            arguments: ["now": time.text]
        )
    }

    private func fetchDue(_ condition: String, _ arguments: StatementArguments, limit: Int = 1) throws
        -> [DueMail]
    {
        try Row.fetchAll(
            db,
            sql: """
                SELECT m.*, r.address, r.attempts, r.last_error,
                       (SELECT group_concat(address, ' ') FROM mail_recipient a WHERE a.mail_id = m.mail_id) AS all_of_them
                  FROM mail_recipient r JOIN mail m USING (mail_id)
                 WHERE \(condition) ORDER BY r.mail_id, r.address LIMIT \(limit)
                """,
            arguments: arguments
        ).map { row in
            DueMail(
                mail: row["mail_id"],
                kind: MailKind(rawValue: row["kind"]) ?? .digest,
                subject: row["subject"],
                body: row["body"],
                reference: row["reference"],
                run: row["run_id"],
                queuedAt: Timestamp(row["queued_at"] as String) ?? time,
                recipient: row["address"],
                recipients: (row["all_of_them"] as String).split(separator: " ").map(String.init),
                attempts: row["attempts"],
                lastError: row["last_error"]
            )
        }
    }
}
