import Intake
package import Ledger
package import ServiceLifecycle
import Threads

/// The parts of a drop put together: what works, and what goes on beside it.
package struct Wiring: Sendable {
    /// What is done at a slot and for a request.
    package let work: any DropWork
    /// What else the daemon keeps going: alerts and mail.
    package let background: [any Service]
    /// Tells and sends what is due once, for a verb that ends here.
    package let settle: @Sendable () async throws -> Void
    /// Called after the configuration has changed.
    package let reloaded: @Sendable () async throws -> Void

    /// Puts the parts together for an open drop.
    ///
    /// `progress` is told how far a run has come; `surroundings` are this host's unless it is a simulation.
    ///
    /// - Throws: ``CommandFailure`` when the configuration cannot be worked with, a missing host key for one; else why
    ///   the spool cannot be opened.
    package static func make(
        _ drop: OpenDrop,
        time: any WallTime,
        pulse: Pulse,
        progress: WorkProgress.Teller? = nil,
        in surroundings: Surroundings = Surroundings()
    ) async throws -> Wiring {
        let spool = try Spool(folder: drop.state.folder("spool"))
        let mail = MailDesk(drop, in: surroundings) { time.now }
        try await mail.seedRecipients()
        let heartbeat = Heartbeat(drop, by: surroundings.beat) { time.now }
        try await heartbeat.listen()
        let (arriving, alerting, mailing, beating) = (Bell(), Bell(), Bell(), Bell())
        let arrivals = ArrivalWatch(drop.ledger, bell: arriving)
        let engine = DropEngine(
            drop,
            spool: spool,
            mail: mail,
            arrivals: arrivals,
            time: time,
            pulse: pulse,
            progress: progress,
            in: surroundings
        )
        drop.ledger.whenCommitted {
            arriving.ring()
            alerting.ring()
            mailing.ring()
            beating.ring()
        }
        return Wiring(
            work: engine,
            background: [
                EventService("arrivals", on: arriving, logger: drop.logger) {
                    let now = time.now
                    let next = try await arrivals.look(drop.live.current, now: now)
                    // A clock that is set may bring a deadline nearer; that is an event, and rings.
                    return .milliseconds(min(600_000, (next?.milliseconds ?? .max) - now.milliseconds + 1))
                },
                EventService("alerts", on: alerting, logger: drop.logger) {
                    try await mail.project()
                    // What reminds does so once a day: nobody counts the minutes.
                    return .seconds(600)
                },
                EventService("mail", on: mailing, logger: drop.logger) { try await mail.deliver() },
                HeartbeatService(heartbeat, on: beating, logger: drop.logger),
            ],
            settle: {
                try await mail.project()
                _ = try await mail.deliver()
                // The work is done; nobody waits for more than one try.
                try await heartbeat.beat(tries: 1)
            },
            reloaded: { try await mail.seedRecipients() }
        )
    }

    /// There is no trust on first use: an SFTP drop without any pin does not start.
    ///
    /// - Throws: ``CommandFailure`` that says what to do.
    package static func requirePin(_ drop: OpenDrop, at time: Timestamp) throws {
        _ = try InboxWiring.inbox(
            drop.live.current,
            secrets: drop.live.secrets,
            ledger: drop.ledger,
            at: time
        )
    }
}
