import Dispatch
import Synchronization

/// A few groups that go round between two threads: one fills them, the other empties them, and each waits for the other.
///
/// Either may give up, and wakes the other by it: nobody waits for ever.
final class GroupRing<Group: Sendable, Outcome: Sendable>: Sendable {
    private struct State {
        var free: [Group]
        var full: [Group] = []
        /// What the filler ended with; it comes behind the last group.
        var outcome: Result<Outcome, any Error>?
        var isCancelled = false
    }

    private let state: Mutex<State>
    private let freed = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)

    init(groups: [Group]) {
        state = Mutex(State(free: groups))
        for _ in groups { freed.signal() }
    }

    /// Waits for a group to fill.
    ///
    /// - Returns: `nil` when nobody wants more rows.
    func takeFree() -> Group? {
        freed.wait()
        return state.withLock { state in state.isCancelled ? nil : state.free.popLast() }
    }

    /// Hands a full group over.
    func putFull(_ group: Group) {
        state.withLock { $0.full.append(group) }
        filled.signal()
    }

    /// Says that no more groups will come, and why.
    func finish(_ outcome: Result<Outcome, any Error>) {
        state.withLock { $0.outcome = outcome }
        filled.signal()
    }

    /// Waits for a full group.
    ///
    /// - Returns: `nil` behind the last one.
    /// - Throws: What the filler failed with.
    func takeFull() throws -> Group? {
        filled.wait()
        let (group, outcome) = state.withLock { state in
            (state.full.isEmpty ? nil : state.full.removeFirst(), state.outcome)
        }
        if let group { return group }
        // The next who asks shall not wait.
        filled.signal()
        if case .failure(let error) = outcome { throw error }
        return nil
    }

    /// Gives an emptied group back.
    func putFree(_ group: Group) {
        state.withLock { $0.free.append(group) }
        freed.signal()
    }

    /// Wants no more rows.
    ///
    /// - Returns: When the filler has ended: what with.
    func end() throws -> Outcome? {
        state.withLock { $0.isCancelled = true }
        freed.signal()
        while true {
            if let outcome = state.withLock(\.outcome) { return try outcome.get() }
            filled.wait()
        }
    }
}
