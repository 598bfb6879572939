/// What a run makes of one entry of the inbox; every entry has exactly one.
package enum Disposition: Sendable, Equatable {
    /// It is complete and new: it is fetched and loaded now.
    case batch
    /// An earlier run received it and did not come to load it: it is loaded now, from the spool.
    case resumed(file: Int64)
    case waiting(WaitingReason)
    case settled(SettledReason)
    case ignored(IgnoredReason)
}

/// Why an entry is left for a later run.
package enum WaitingReason: String, Sendable, CaseIterable {
    case stillChanging = "still_changing"
    case arrivedAfterCutOff = "arrived_after_cut_off"
    case markerMissing = "marker_missing"
    case overFilesPerRun = "over_files_per_run"
    case gone
}

/// Why an entry is left for good, though it is a file of ours to take.
package enum SettledReason: String, Sendable, CaseIterable {
    /// The same path, size and time as a settled file that was never absent since.
    case settledBefore = "settled_before"
    case disposalPending = "disposal_pending"
    /// An earlier run's; a person decides.
    case heldByGuard = "held_by_guard"
}

/// Why an entry is none of ours.
package enum IgnoredReason: String, Sendable, CaseIterable {
    case temporaryName = "temporary_name"
    case hiddenName = "hidden_name"
    case notAFile = "not_a_file"
    case notCSVName = "not_csv_name"
    case hostileName = "hostile_name"
    case unknownDirectory = "unknown_directory"
}

/// Why a member of a batch was not settled in its run.
package enum DeferredReason: String, Sendable, CaseIterable {
    case changedWhileRead = "changed_while_read"
    case fetchFailed = "fetch_failed"
    case gone
    case diskLow = "disk_low"
    case ledgerBusy = "ledger_busy"
    case runDeadline = "run_deadline"
    case shutdown
    case leaseLost = "lease_lost"
}

/// One entry of the inbox with what becomes of it, as the ledger records it.
package struct PlannedEntry: Sendable, Equatable {
    /// The exact bytes, relative to the inbox's root.
    package var path: [UInt8]
    /// The folder, escaped.
    package var directory: String
    /// The name, escaped.
    package var name: String
    /// The name of its record type; `nil` when none is known.
    package var type: String?
    package var size: Int64?
    package var mtime: Int64?
    package var disposition: Disposition
    /// The row of the same appearance that goes on: a waiting, ignored or received one.
    package var row: Int64?
    /// The row of an earlier appearance at the same path, which is now past.
    package var replaces: Int64?
    /// The path, escaped.
    package var pathText: String { directory.isEmpty ? name : "\(directory)/\(name)" }

    package init(
        path: [UInt8],
        directory: String,
        name: String,
        type: String?,
        size: Int64?,
        mtime: Int64?,
        disposition: Disposition,
        row: Int64? = nil,
        replaces: Int64? = nil
    ) {
        self.path = path
        self.directory = directory
        self.name = name
        self.type = type
        self.size = size
        self.mtime = mtime
        self.disposition = disposition
        self.row = row
        self.replaces = replaces
    }
}

/// How many entries a run saw, and what it made of them (the first of the two equations).
package struct PlanCounts: Sendable, Equatable {
    package var listed = 0
    package var batched = 0
    package var waiting = 0
    package var settled = 0
    package var ignored = 0

    package init() {}

    /// `listed` is given from outside: the sum must not prove itself.
    package init(of dispositions: some Sequence<Disposition>, listed: Int) {
        self.listed = listed
        for disposition in dispositions {
            switch disposition {
            case .batch, .resumed: batched += 1
            case .waiting: waiting += 1
            case .settled: settled += 1
            case .ignored: ignored += 1
            }
        }
    }

    package var isBalanced: Bool { listed == batched + waiting + settled + ignored }
}

/// What became of the batch (the second of the two equations).
package struct BatchCounts: Sendable, Equatable {
    package var ingested = 0
    package var duplicate = 0
    package var failed = 0
    package var deferred = 0

    package init() {}

    package func isBalanced(with batched: Int) -> Bool {
        batched == ingested + duplicate + failed + deferred
    }
}
