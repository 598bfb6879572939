import Ledger

/// Which events begin and end a condition that lasts.
enum IncidentRule {
    /// What an incident is known by: a condition seen every hour is one incident.
    struct Fingerprint: Hashable {
        var kind: String
        var subject: String
    }

    /// The events that begin or end a condition.
    static let events: [EventName] = [
        .inboxUnreachable, .hostKeyMismatch, .authRefused, .runFailed, .diskLow, .arrivalMissing,
        .configRefused,
        .leaseLost, .inboxRecovered, .runFinished, .diskRecovered, .arrivalRecovered, .configReloaded,
        .daemonStarted,
        .leaseAcquired, .reconciliationVariance, .reconciliationBalanced, .claimStale, .claimRecovered,
    ]

    /// The condition that an event shows to hold.
    static func opened(by event: AlertEvent) -> Fingerprint? {
        switch event.name {
        case .inboxUnreachable: Fingerprint(kind: "unreachable", subject: "inbox")
        case .hostKeyMismatch: Fingerprint(kind: "hostkey_mismatch", subject: "inbox")
        case .authRefused: Fingerprint(kind: "auth_refused", subject: "inbox")
        case .runFailed: failed(event.reason ?? "unknown")
        case .diskLow: Fingerprint(kind: "disk_low", subject: "state directory")
        case .arrivalMissing: Fingerprint(kind: "arrival_missing", subject: event.type ?? "files")
        case .configRefused: Fingerprint(kind: "config_refused", subject: "configuration")
        case .leaseLost: Fingerprint(kind: "lease_lost", subject: "ledger")
        case .claimStale: Fingerprint(kind: "claim_stale", subject: event.owner ?? "another daemon")
        case .reconciliationVariance where event.reason == "variance_alert":
            Fingerprint(kind: "variance", subject: "balances")
        default: nil
        }
    }

    /// Whether an event shows a condition to be over.
    static func isOver(_ condition: Fingerprint, by event: AlertEvent) -> Bool {
        switch event.name {
        // A run that finished has listed the inbox, so it was reached, known and let us in.
        case .inboxRecovered, .runFinished:
            ["unreachable", "hostkey_mismatch", "auth_refused", "run_failed"].contains(condition.kind)
        case .diskRecovered: condition.kind == "disk_low"
        case .arrivalRecovered:
            condition.kind == "arrival_missing" && condition.subject == (event.type ?? "files")
        case .configReloaded, .daemonStarted: condition.kind == "config_refused"
        case .leaseAcquired: condition.kind == "lease_lost"
        case .claimRecovered: condition.kind == "claim_stale" && condition.subject == event.owner
        case .reconciliationBalanced: condition.kind == "variance"
        // Nobody wants to be told any more.
        case .reconciliationVariance: condition.kind == "variance" && event.reason != "variance_alert"
        default: false
        }
    }

    /// A run that failed for a condition with an event of its own is part of that condition.
    private static func failed(_ reason: String) -> Fingerprint {
        switch reason {
        case "unreachable", "protocol_error": Fingerprint(kind: "unreachable", subject: "inbox")
        case "hostkey_mismatch", "auth_refused": Fingerprint(kind: reason, subject: "inbox")
        default: Fingerprint(kind: "run_failed", subject: reason)
        }
    }
}
