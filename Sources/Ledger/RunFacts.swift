/// What makes a run begin.
package enum RunTrigger: String, Sendable {
    /// The top of an hour.
    case slot
    /// The newest of the hours that were missed.
    case catchUp = "catch_up"
    /// An operator; consumes no slot.
    case request
}

/// How far a run has come, so that it can go on after an interruption.
package enum RunStage: String, Sendable {
    /// Waiting for the listings or the plan.
    case listing
    /// The plan is committed; members of the batch are being fetched.
    case fetching
    /// What could be fetched is received.
    case loading
    case done
}

/// Why a run failed.
package enum RunFailureReason: String, Sendable, CaseIterable {
    case unreachable
    case hostKeyMismatch = "hostkey_mismatch"
    case authRefused = "auth_refused"
    case protocolError = "protocol_error"
    case tooManyEntries = "too_many_entries"
    /// The counts do not add up: a fault of ours.
    case unbalanced

    /// The event of the condition that lasts until the inbox answers again.
    package var condition: EventName? {
        switch self {
        case .unreachable, .protocolError: .inboxUnreachable
        case .hostKeyMismatch: .hostKeyMismatch
        case .authRefused: .authRefused
        case .tooManyEntries, .unbalanced: nil
        }
    }
}

/// A run that began and did not end.
package struct OpenRun: Sendable, Equatable {
    package var id: Int64
    package var slot: Timestamp
    package var trigger: RunTrigger
    package var stage: RunStage
    /// Whether its cut-off listing is remembered.
    package var hasCutOff: Bool

    package init(id: Int64, slot: Timestamp, trigger: RunTrigger, stage: RunStage, hasCutOff: Bool) {
        self.id = id
        self.slot = slot
        self.trigger = trigger
        self.stage = stage
        self.hasCutOff = hasCutOff
    }
}

/// A run that took its listings, at its end.
package struct FinishedRun: Sendable, Equatable {
    package var id: Int64
    /// Only ever `unbalanced`; `nil` for a run that finished well.
    package var reason: RunFailureReason?
    package var plan: PlanCounts
    package var batch: BatchCounts

    package init(id: Int64, reason: RunFailureReason?, plan: PlanCounts, batch: BatchCounts) {
        self.id = id
        self.reason = reason
        self.plan = plan
        self.batch = batch
    }
}

/// What a listing said of one entry.
package struct Sighting: Sendable, Hashable {
    package var path: [UInt8]
    package var size: Int64?
    package var mtime: Int64?

    package init(path: [UInt8], size: Int64?, mtime: Int64?) {
        self.path = path
        self.size = size
        self.mtime = mtime
    }
}
