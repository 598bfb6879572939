import Ledger

/// What incidents need in one transaction: opening, reminding, closing, and the mails of each.
struct AlertStep: Sendable {
    let drop: String
    let zone: String

    /// The kinds of incident that have no mails of their own: digests tell of them.
    private static let quietKinds = ["type"]

    /// Opens or closes what an event begins or ends.
    func follow(_ event: AlertEvent, _ alerts: AlertTransaction) throws {
        if let condition = IncidentRule.opened(by: event) {
            try open(condition.kind, condition.subject, facts: alerts.plainDetail(of: event.seq), alerts)
        }
        try close(alerts, run: event.run) { incident in
            IncidentRule.isOver(.init(kind: incident.kind, subject: incident.subject), by: event)
        }
    }

    /// Opens an incident and queues its mail; nothing if it is open already.
    func open(
        _ kind: String,
        _ subject: String,
        facts: [(key: String, value: String)],
        _ alerts: AlertTransaction
    ) throws {
        guard let incident = try alerts.openIncident(kind, subject) else { return }
        let text = notice(kind, subject).opening(at: alerts.time, facts: facts)
        let mail = try alerts.queue(.incident, subject: text.subject, body: text.body)
        try alerts.incidentTold(incident, mail: mail)
        try alerts.announce(.incidentOpened, kind, subject)
    }

    /// Closes the open incidents that are over and queues one mail that says so.
    func close(_ alerts: AlertTransaction, run: Int64? = nil, where isOver: (Incident) -> Bool) throws {
        let over = try alerts.openIncidents().filter { !Self.quietKinds.contains($0.kind) && isOver($0) }
        guard let first = over.first else { return }
        var recovery = RecoveryNotice(drop: drop, zone: zone, time: alerts.time, run: run)
        for incident in over {
            try alerts.recoverIncident(incident.id)
            try alerts.announce(.incidentRecovered, incident.kind, incident.subject)
            recovery.conditions.append((notice(incident.kind, incident.subject).title, incident.openedAt))
        }
        try alerts.queue(
            .recovery,
            subject: recovery.subject,
            body: recovery.body,
            reference: first.mail,
            run: run
        )
    }

    /// Opens an incident while files cannot be put away on the server, and closes it when all of them are.
    func watchDisposals(_ alerts: AlertTransaction, after failures: Int) throws {
        guard let stuck = try alerts.stuckDisposals(after: failures) else {
            return try close(alerts) { $0.kind == "disposal_stuck" }
        }
        let facts = [("files", "\(stuck.count)"), ("first", stuck.example), ("error", stuck.error)]
        try open("disposal_stuck", "inbox", facts: facts, alerts)
    }

    /// Opens an incident while reports about checked files cannot be written, and closes it when all of them are.
    func watchReports(_ alerts: AlertTransaction, after failures: Int) throws {
        guard let stuck = try alerts.stuckReports(after: failures) else {
            return try close(alerts) { $0.kind == "report_stuck" }
        }
        let facts = [("files", "\(stuck.count)"), ("first", stuck.example), ("error", stuck.error)]
        try open("report_stuck", "validate", facts: facts, alerts)
    }

    /// Reminds of every incident that was last told so many seconds ago.
    func remind(_ alerts: AlertTransaction, after seconds: Int64) throws {
        for incident in try alerts.incidents(toldBefore: alerts.time.adding(seconds: -seconds))
        where !Self.quietKinds.contains(incident.kind) {
            let text = notice(incident.kind, incident.subject).reminder(since: incident.openedAt)
            try alerts.queue(.reminder, subject: text.subject, body: text.body, reference: incident.mail)
            try alerts.incidentTold(incident.id, mail: nil)
        }
    }

    private func notice(_ kind: String, _ subject: String) -> IncidentNotice {
        IncidentNotice(drop: drop, zone: zone, kind: kind, subject: subject)
    }
}
