/// How a record type stands against what is expected of it.
package enum ArrivalState: String, Sendable, CaseIterable {
    /// A file was loaded in time, or is not due yet.
    case fresh
    /// The deadline has passed.
    case late
    /// The grace after the deadline has passed as well.
    case missing
}

/// One record type that is expected, as it stood at a look at the clock.
package struct Arrival: Sendable, Equatable {
    package var type: String
    package var state: ArrivalState
    /// Since when it is in this state.
    package var since: Timestamp
    /// The expectation in words: `by 06:30 Europe/Berlin, mon-fri`.
    package var expected: String
    /// What was loaded after this moment counts for the open deadline.
    package var countsFrom: Timestamp
    /// The open deadline; `nil` when none lies ahead.
    package var dueAt: Timestamp?
    /// The end of the grace after it.
    package var missingAt: Timestamp?
    /// When a file of the type was last loaded.
    package var lastLoadedAt: Timestamp?
    /// The newest file since then of which nothing was loaded.
    package var stopped: StoppedFile?

    package init(
        type: String,
        state: ArrivalState,
        since: Timestamp,
        expected: String,
        countsFrom: Timestamp,
        dueAt: Timestamp? = nil,
        missingAt: Timestamp? = nil,
        lastLoadedAt: Timestamp? = nil,
        stopped: StoppedFile? = nil
    ) {
        self.type = type
        self.state = state
        self.since = since
        self.expected = expected
        self.countsFrom = countsFrom
        self.dueAt = dueAt
        self.missingAt = missingAt
        self.lastLoadedAt = lastLoadedAt
        self.stopped = stopped
    }
}

/// A file that came and does not count as arrived, since it failed or is held.
package struct StoppedFile: Sendable, Equatable {
    package var id: Int64
    package var name: String
    /// `failed` or `held`.
    package var state: String

    package init(id: Int64, name: String, state: String) {
        self.id = id
        self.name = name
        self.state = state
    }
}

/// What the ledger knows about the arrivals of one type.
package struct ArrivalFacts: Sendable, Equatable {
    /// When the newest file was loaded for the first time; a replay makes no arrival.
    package var lastLoadedAt: Timestamp?
    package var stopped: StoppedFile?

    package init(lastLoadedAt: Timestamp? = nil, stopped: StoppedFile? = nil) {
        self.lastLoadedAt = lastLoadedAt
        self.stopped = stopped
    }
}
