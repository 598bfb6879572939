package import Ledger

/// Turns what happened into mails: one digest a run, one mail when an incident opens, one when it is over.
///
/// A projection of the events. Each step reads events behind its cursor and writes mails, incidents and the cursor in one
/// transaction, so that nothing is lost and nothing told twice, whatever is killed when.
package struct AlertProjector: Sendable {
    /// Up to where incidents were looked for.
    private static let eventCursor = "alerts"
    /// Up to where files were told in a digest.
    private static let digestCursor = "digest"
    private static let pageSize = 1000
    /// A disposal or a report that has failed so often is stuck.
    private static let stuckAfter = 3

    private let ledger: Ledger
    private let policy: AlertPolicy

    package init(ledger: Ledger, policy: AlertPolicy = AlertPolicy()) {
        self.ledger = ledger
        self.policy = policy
    }

    /// Catches up with the events, then looks at what depends on time alone.
    ///
    /// May be called at any time and as often as wanted: after a run, and every half minute.
    ///
    /// - Parameter time: Now.
    /// - Throws: `DatabaseError` or `CancellationError`; then what is left is caught up with at the next call.
    package func project(at time: Timestamp) async throws {
        let step = AlertStep(drop: ledger.dropName, zone: policy.zone)
        while try await ledger.alert(at: time, { try Self.page(of: $0, step) }) {}
        let renotify = policy.renotify.components.seconds
        try await ledger.alert(at: time) { alerts in
            // What came in between must be followed first: a run that has just ended has a digest of its own.
            while try Self.page(of: alerts, step) {}
            let newest = try alerts.newestEvent()
            // Outside of a run nobody gathers: what an operator's replay brought is told at once.
            if try !alerts.isRunInProgress(), try alerts.cursor(Self.digestCursor) < newest {
                try Self.tell(through: newest, run: nil, alerts, step)
            }
            try step.watchDisposals(alerts, after: Self.stuckAfter)
            try step.watchReports(alerts, after: Self.stuckAfter)
            try step.remind(alerts, after: renotify)
        }
    }

    /// - Returns: Whether more events may follow.
    private static func page(of alerts: AlertTransaction, _ step: AlertStep) throws -> Bool {
        let newest = try alerts.newestEvent()
        var events: [AlertEvent] = []
        try alerts.events(
            after: alerts.cursor(eventCursor),
            through: newest,
            of: IncidentRule.events,
            limit: pageSize
        ) { events.append($0) }
        for event in events {
            try step.follow(event, alerts)
            if event.name == .runFinished || event.name == .runFailed {
                try tell(through: event.seq, run: event.run, alerts, step)
            }
        }
        let isLast = events.count < pageSize
        try alerts.setCursor(eventCursor, to: isLast ? newest : events.last?.seq ?? newest)
        return !isLast
    }

    private static func tell(
        through last: Int64,
        run: Int64?,
        _ alerts: AlertTransaction,
        _ step: AlertStep
    ) throws {
        var window = DigestWindow()
        try alerts.events(after: alerts.cursor(digestCursor), through: last, of: DigestWindow.events) {
            window.note($0)
        }
        try DigestStep(drop: step.drop, zone: step.zone, run: run).tell(&window, alerts)
        try alerts.setCursor(digestCursor, to: last)
    }
}
