/// Everything that can happen: a closed list, the same as in the operations page.
package enum EventName: String, Sendable, CaseIterable {
    case runFailed = "run.failed"
    case leaseLost = "lease.lost"
    case hostKeyMismatch = "hostkey.mismatch"
    case authRefused = "auth.refused"
    case inboxUnreachable = "inbox.unreachable"
    case diskLow = "disk.low"
    case configRefused = "config.refused"
    case fileHeld = "file.held"
    case arrivalMissing = "arrival.missing"
    case mailDead = "mail.dead"
    case claimStale = "claim.stale"

    case fileLoadedWithErrors = "file.loaded_with_errors"
    case fileFailed = "file.failed"
    case fileDeferred = "file.deferred"
    case fileDisposalFailed = "file.disposal_failed"
    case rowsExpired = "rows.expired"
    case arrivalLate = "arrival.late"
    case mailDeferred = "mail.deferred"
    case heartbeatFailed = "heartbeat.failed"
    case clockStepped = "clock.stepped"
    case inboxChanged = "inbox.changed"
    case sessionRefused = "session.refused"
    case reconciliationVariance = "reconciliation.variance"

    case daemonStarted = "daemon.started"
    case daemonStopped = "daemon.stopped"
    case configReloaded = "config.reloaded"
    case ledgerMigrated = "ledger.migrated"
    case leaseAcquired = "lease.acquired"
    case runSkipped = "run.skipped"
    case runResumed = "run.resumed"
    case fileLoaded = "file.loaded"
    case fileDuplicate = "file.duplicate"
    case fileSuperseded = "file.superseded"
    case fileReleased = "file.released"
    case fileDiscarded = "file.discarded"
    case fileValidated = "file.validated"
    case fileReplayed = "file.replayed"
    case rowsHealed = "rows.healed"
    case inboxRecovered = "inbox.recovered"
    case diskRecovered = "disk.recovered"
    case arrivalRecovered = "arrival.recovered"
    case claimRecovered = "claim.recovered"
    case incidentOpened = "incident.opened"
    case incidentRecovered = "incident.recovered"
    case hostKeyAccepted = "hostkey.accepted"
    case recipientsChanged = "recipients.changed"
    case reconciliationBalanced = "reconciliation.balanced"
    case requestReceived = "request.received"
    case backupFinished = "backup.finished"
    case userChanged = "user.changed"
    case sessionOpened = "session.opened"
    case sessionClosed = "session.closed"

    case runStarted = "run.started"
    case runPlanned = "run.planned"
    case runFinished = "run.finished"
    case fileWaiting = "file.waiting"
    case fileIgnored = "file.ignored"
    case fileReceived = "file.received"
    case fileDisposed = "file.disposed"
    case mailQueued = "mail.queued"
    case mailSent = "mail.sent"

    /// How much an event matters to whoever watches the log.
    package enum Level: String, Sendable {
        /// Someone must act.
        case error
        /// Something was refused or delayed.
        case warning
        /// Something changed state.
        case notice
        /// The ordinary course.
        case info
    }

    package var level: Level {
        switch self {
        case .runFailed, .leaseLost, .hostKeyMismatch, .authRefused, .inboxUnreachable, .diskLow,
            .configRefused,
            .fileHeld, .arrivalMissing, .mailDead, .claimStale:
            .error
        case .fileLoadedWithErrors, .fileFailed, .fileDeferred, .fileDisposalFailed, .rowsExpired,
            .arrivalLate,
            .mailDeferred, .heartbeatFailed, .clockStepped, .inboxChanged, .sessionRefused,
            .reconciliationVariance:
            .warning
        case .runStarted, .runPlanned, .runFinished, .fileWaiting, .fileIgnored, .fileReceived, .fileDisposed,
            .mailQueued, .mailSent:
            .info
        default:
            .notice
        }
    }
}
