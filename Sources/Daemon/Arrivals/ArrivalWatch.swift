package import Ledger
import Synchronization
package import Threads

/// Looks whether the files have come that are expected, and tells it once when they have not.
///
/// A projection of ledger, configuration and clock: any look gives the same answer, and what it tells is remembered.
package final class ArrivalWatch: Sendable {
    private let ledger: ArrivalLedger
    private let isCaughtUp = Mutex(false)
    private let bell: Bell

    /// `bell` is rung when what was missed before the start has been caught up with.
    package init(_ ledger: Ledger, bell: Bell = Bell()) {
        self.ledger = ArrivalLedger(ledger)
        self.bell = bell
    }

    /// Says that the files which came while nobody looked have been taken; before that nothing is called late.
    package func noteCaughtUp() {
        let isFirst = isCaughtUp.withLock { isCaughtUp in
            defer { isCaughtUp = true }
            return !isCaughtUp
        }
        if isFirst { bell.ring() }
    }

    /// How each expected type stands, by name; changes nothing.
    package static func standings(
        _ configuration: Configuration,
        in ledger: Ledger,
        now: Timestamp
    ) throws -> [Arrival] {
        let rules = ArrivalRule.all(of: configuration)
        let look = try ArrivalLedger(ledger).look(at: Array(rules.keys))
        return rules.sorted { $0.key < $1.key }.compactMap { type, rule in
            judge(type, rule, look, now: now).arrival
        }
    }

    /// Looks, remembers what is new and tells it.
    ///
    /// - Returns: When something may change without a file coming; `nil` for never.
    /// - Throws: `DatabaseError`; then nothing was remembered, and the next look tells it.
    @discardableResult
    package func look(_ configuration: Configuration, now: Timestamp) async throws -> Timestamp? {
        guard isCaughtUp.withLock({ $0 }) else { return nil }
        let rules = ArrivalRule.all(of: configuration)
        let look = try ledger.look(at: Array(rules.keys))
        var changed: [Arrival] = []
        var events: [Event] = []
        var next: Timestamp?
        var forgotten: [String] = []
        for (type, remembered) in look.remembered.sorted(by: { $0.key < $1.key }) where rules[type] == nil {
            forgotten.append(type)
            events += ArrivalJudge.farewell(to: remembered)
        }
        for (type, rule) in rules.sorted(by: { $0.key < $1.key }) {
            let judge = Self.judge(type, rule, look, now: now)
            let remembered = look.remembered[type]
            guard let arrival = judge.arrival else {
                if let remembered {
                    forgotten.append(type)
                    events += ArrivalJudge.farewell(to: remembered)
                }
                continue
            }
            for change in [arrival.dueAt, arrival.missingAt].compactMap(\.self) where change >= now {
                next = min(next ?? change, change)
            }
            let news = judge.events(for: arrival)
            // The run at work may be about to load what is waited for.
            if look.isRunning, news.last.map({ $0.name != .arrivalRecovered }) == true { continue }
            if arrival != remembered { changed.append(arrival) }
            events += news
        }
        guard !(changed.isEmpty && forgotten.isEmpty && events.isEmpty) else { return next }
        try await ledger.record(changed, forgetting: forgotten, telling: events, at: now)
        return next
    }

    private static func judge(
        _ type: String,
        _ rule: ArrivalRule,
        _ look: ArrivalLedger.Look,
        now: Timestamp
    ) -> ArrivalJudge {
        ArrivalJudge(
            type,
            rule: rule,
            remembered: look.remembered[type],
            facts: look.facts[type] ?? ArrivalFacts(),
            now: now
        )
    }
}
