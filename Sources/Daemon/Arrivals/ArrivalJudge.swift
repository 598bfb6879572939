package import Ledger

/// How one type stands, from its rule, what was remembered of it, what has come and the time; pure.
package struct ArrivalJudge: Sendable {
    private let type: String
    private let rule: ArrivalRule
    private let remembered: Arrival?
    private let facts: ArrivalFacts
    private let now: Timestamp

    package init(
        _ type: String,
        rule: ArrivalRule,
        remembered: Arrival?,
        facts: ArrivalFacts,
        now: Timestamp
    ) {
        self.type = type
        self.rule = rule
        self.remembered = remembered
        self.facts = facts
        self.now = now
    }

    /// How it stands now; `nil` while the rule has not begun to count.
    package var arrival: Arrival? {
        if rule.needsFirstFile, facts.lastLoadedAt == nil { return nil }
        let (countsFrom, due) = rule.isByTimeOfDay ? byTimeOfDay : byPeriod
        var arrival = Arrival(
            type: type,
            state: .fresh,
            since: now,
            expected: rule.words,
            countsFrom: countsFrom,
            dueAt: due,
            missingAt: due?.adding(seconds: rule.grace),
            lastLoadedAt: facts.lastLoadedAt,
            stopped: facts.stopped
        )
        if let due, now > due {
            arrival.state = now > due.adding(seconds: rule.grace) ? .missing : .late
        }
        // The clock was set back: what was told as missing is not late again, to be missing for a second time.
        if let remembered, remembered.state == .missing, remembered.expected == rule.words,
            arrival.state == .late, !hasArrived
        {
            arrival.state = .missing
        }
        if let remembered, remembered.state == arrival.state, !(arrival.state != .fresh && hasArrived) {
            arrival.since = remembered.since
        }
        return arrival
    }

    /// What is to be told of the change from what was remembered.
    package func events(for arrival: Arrival) -> [Event] {
        var events: [Event] = []
        let before = remembered?.state ?? .fresh
        let isOver = before != .fresh && (arrival.state == .fresh || hasArrived)
        if isOver {
            let reason: JSONValue? = hasArrived ? nil : .text("expectation_changed")
            events.append(Self.event(.arrivalRecovered, arrival).with("reason", reason))
        }
        guard arrival.state != .fresh, isOver || arrival.state != before else { return events }
        // Whoever was told that it is missing need not hear that it is late as well.
        if !isOver, before == .missing { return events }
        events.append(Self.event(arrival.state == .late ? .arrivalLate : .arrivalMissing, arrival))
        return events
    }

    /// Tells that a type is waited for no longer.
    package static func farewell(to arrival: Arrival) -> [Event] {
        guard arrival.state != .fresh else { return [] }
        return [event(.arrivalRecovered, arrival).with("reason", .text("expectation_changed"))]
    }

    private static func event(_ name: EventName, _ arrival: Arrival) -> Event {
        Event(
            name,
            [
                "type": .text(arrival.type), "state": .text(arrival.state.rawValue),
                "expected": .text(arrival.expected), "due_at": (arrival.dueAt?.text).map { .text($0) },
                "last_loaded_at": (arrival.lastLoadedAt?.text).map { .text($0) },
                "last_file": (arrival.stopped?.id).map { .integer($0) },
                "last_file_state": (arrival.stopped?.state).map { .text($0) },
            ]
        )
    }

    /// Whether a file was loaded since it was last looked.
    private var hasArrived: Bool {
        guard let loaded = facts.lastLoadedAt else { return false }
        return remembered.map { loaded > ($0.lastLoadedAt ?? $0.countsFrom) } ?? true
    }

    /// From when files count, if that was remembered under this very expectation.
    private var remembersFrom: Timestamp? {
        remembered.flatMap { $0.expected == rule.words ? $0.countsFrom : nil }
    }

    private var byTimeOfDay: (countsFrom: Timestamp, due: Timestamp?) {
        var from = remembersFrom ?? rule.deadline(atOrBefore: now) ?? now
        // The clock was set back: what lies in its future is not waited for.
        if from > now { from = rule.deadline(atOrBefore: now) ?? now }
        while let due = rule.deadline(after: from) {
            guard let loaded = facts.lastLoadedAt, loaded > from else { return (from, due) }
            if loaded > due {
                // It came late: it ends this wait and does not count for the next deadline.
                from = loaded
            } else if now > due {
                from = due
            } else {
                return (from, rule.deadline(after: due))
            }
        }
        return (from, nil)
    }

    private var byPeriod: (countsFrom: Timestamp, due: Timestamp?) {
        let start = min(remembersFrom ?? now, now)
        let from = facts.lastLoadedAt ?? start
        return (facts.lastLoadedAt == nil ? start : from, rule.endOfPeriod(from: from))
    }
}
