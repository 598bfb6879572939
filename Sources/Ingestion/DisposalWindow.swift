import Intake
import Ledger

/// Carries out many orders at once, a bounded number at a time, and commits what came of them in groups.
///
/// Orders about files that lay under one path are carried out one after the other, in their order: what the earlier one
/// leaves there is what the later one finds. After an interruption a look shows which of those not yet committed are through.
struct DisposalWindow: Sendable {
    /// How many files are committed together as through.
    private static let group = 100

    /// What came of one attempt.
    enum Outcome: Sendable {
        case through(DoneDisposal)
        /// `error` is what was met, for people, escaped; `endsAll`: the inbox as a whole failed.
        case failed(file: Int64, error: String, endsAll: Bool)
        /// Nobody wants it any more.
        case stopped
        /// The ledger failed.
        case broken(any Error)
    }

    let ledger: DisposalLedger
    let clock: RunClock
    /// How many orders are under way at once.
    let width: Int

    /// Tries orders; `finished` is told after each how many have been tried.
    ///
    /// Returns whether the inbox is worth another call. Throws an error of the ledger, or `CancellationError`; what is
    /// through by then is committed, if the ledger takes it.
    func carryOut(
        _ due: [DueDisposal],
        by attempt: @escaping @Sendable (DueDisposal) async -> Outcome,
        finished: (Int) -> Void
    ) async throws -> Bool {
        var tally = Tally(ledger: ledger, clock: clock)
        var waiting = Self.chains(of: due)[...]
        await withTaskGroup(of: Link.self) { group in
            for chain in waiting.prefix(width) { group.addTask { await Self.next(of: chain, attempt) } }
            waiting = waiting.dropFirst(width)
            while let link = await group.next() {
                tally.note(link.outcome)
                finished(tally.tried)
                // What is under way is waited for: each of its answers is one look less later.
                guard tally.goesOn else { continue }
                if !link.rest.isEmpty {
                    group.addTask { await Self.next(of: link.rest, attempt) }
                } else if let chain = waiting.popFirst() {
                    group.addTask { await Self.next(of: chain, attempt) }
                }
            }
        }
        return try tally.conclude()
    }

    /// What came of the first order of a chain, and those that follow it.
    private struct Link: Sendable {
        var outcome: Outcome
        var rest: ArraySlice<DueDisposal>
    }

    private static func next(
        of chain: ArraySlice<DueDisposal>,
        _ attempt: @Sendable (DueDisposal) async -> Outcome
    ) async -> Link {
        guard let first = chain.first else { return Link(outcome: .stopped, rest: []) }
        return Link(outcome: await attempt(first), rest: chain.dropFirst())
    }

    /// The orders, those of one path together.
    private static func chains(of due: [DueDisposal]) -> [ArraySlice<DueDisposal>] {
        var places: [[UInt8]: Int] = [:]
        var chains: [ArraySlice<DueDisposal>] = []
        for disposal in due {
            if let place = places[disposal.path] {
                chains[place].append(disposal)
            } else {
                places[disposal.path] = chains.count
                chains.append([disposal])
            }
        }
        return chains
    }

    /// What has come of the orders so far.
    private struct Tally {
        let ledger: DisposalLedger
        let clock: RunClock
        private(set) var tried = 0
        private var through: [DoneDisposal] = []
        private var isInboxWell = true
        private var isStopped = false
        private var problem: (any Error)?

        init(ledger: DisposalLedger, clock: RunClock) {
            self.ledger = ledger
            self.clock = clock
        }

        var goesOn: Bool { isInboxWell && !isStopped && problem == nil }

        mutating func note(_ outcome: Outcome) {
            tried += 1
            switch outcome {
            case .through(let done):
                through.append(done)
                if through.count >= group { commit() }
            case .failed(let file, let error, let endsAll):
                // An inbox that fails as a whole counts against one file, not against all that were under way.
                if endsAll, !isInboxWell { return }
                if endsAll { isInboxWell = false }
                attempting { try $0.ledger.failed(file, error: error, at: $0.clock.now()) }
            case .stopped: isStopped = true
            case .broken(let error): problem = problem ?? error
            }
        }

        mutating func conclude() throws -> Bool {
            commit()
            if let problem { throw problem }
            if isStopped { throw CancellationError() }
            return isInboxWell
        }

        private mutating func commit() {
            let done = through
            through.removeAll()
            attempting { try $0.ledger.done(done, at: $0.clock.now()) }
        }

        private mutating func attempting(_ body: (Self) throws -> Void) {
            do { try body(self) } catch { problem = problem ?? error }
        }
    }
}

/// How far the orders of a run have been read and tried.
struct DisposalLots: Sendable {
    let total: Int
    private(set) var done = 0
    /// The file of the last order that was read.
    private(set) var last: Int64 = 0

    init(total: Int) { self.total = total }

    mutating func note(_ due: [DueDisposal]) {
        done += due.count
        last = due.last?.file ?? last
    }
}
