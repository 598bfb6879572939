import GRDB

/// A condition that lasts: one row from the moment it is first seen until it is over.
package struct Incident: Sendable, Equatable {
    package var id: Int64
    /// What kind of condition, a word such as `hostkey_mismatch`.
    package var kind: String
    /// What it is about; together with the kind it makes the fingerprint.
    package var subject: String
    package var openedAt: Timestamp
    /// The mail that told of it first.
    package var mail: Int64?
    /// The file that caused it last, for the troubles of a record type.
    package var file: Int64?
}

extension AlertTransaction {
    /// The incidents of some kinds that are not over; of all kinds if none are given.
    package func openIncidents(_ kinds: [String]? = nil) throws -> [Incident] {
        try Incident.fetch(db, where: "recovered_at IS NULL").filter { kinds?.contains($0.kind) ?? true }
    }

    /// The open incidents of the kinds that were last told before a moment.
    package func incidents(toldBefore moment: Timestamp) throws -> [Incident] {
        try Incident.fetch(db, where: "recovered_at IS NULL AND told_at <= ?", [moment.text])
    }

    /// Opens an incident.
    ///
    /// - Returns: Its number, or `nil` when one with this kind and subject is open already.
    package func openIncident(_ kind: String, _ subject: String, file: Int64? = nil) throws -> Int64? {
        try db.execute(
            sql: """
                INSERT INTO incident (kind, subject, detail, opened_at, told_at)
                VALUES (:kind, :subject, json_patch('{}', json_object('file', :file)), :now, :now) ON CONFLICT DO NOTHING
                """,
            arguments: ["kind": kind, "subject": subject, "file": file, "now": time.text]
        )
        return db.changesCount == 1 ? db.lastInsertedRowID : nil
    }

    /// Remembers which file caused it last.
    package func setIncident(_ id: Int64, file: Int64) throws {
        try db.execute(
            sql: "UPDATE incident SET detail = json_object('file', ?) WHERE incident_id = ?",
            arguments: [file, id]
        )
    }

    /// Remembers that people were told now, and by which mail first.
    package func incidentTold(_ id: Int64, mail: Int64?) throws {
        try db.execute(
            sql: "UPDATE incident SET told_at = ?, mail_id = coalesce(mail_id, ?) WHERE incident_id = ?",
            arguments: [time.text, mail, id]
        )
    }

    package func recoverIncident(_ id: Int64) throws {
        try db.execute(
            sql: "UPDATE incident SET recovered_at = ? WHERE incident_id = ? AND recovered_at IS NULL",
            arguments: [time.text, id]
        )
    }

    /// Tells the event log that an incident was opened or is over.
    package func announce(_ name: EventName, _ kind: String, _ subject: String) throws {
        try db.append(Event(name, ["kind": .text(kind), "subject": .text(subject)]), at: time)
    }
}

extension Incident {
    fileprivate static func fetch(
        _ db: Database,
        where condition: String,
        _ arguments: StatementArguments = []
    ) throws -> [Incident] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT incident_id, kind, subject, opened_at, mail_id, json_extract(detail, '$.file') AS file
                  FROM incident WHERE \(condition) ORDER BY incident_id
                """,
            arguments: arguments
        ).map { row in
            Incident(
                id: row["incident_id"],
                kind: row["kind"],
                subject: row["subject"],
                openedAt: Timestamp(row["opened_at"] as String) ?? Timestamp(milliseconds: 0),
                mail: row["mail_id"],
                file: row["file"]
            )
        }
    }
}
