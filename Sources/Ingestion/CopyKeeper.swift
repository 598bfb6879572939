import Dispatch
import Intake
import Synchronization

/// Makes copies durable and gives them their names, several at once, while others still arrive.
///
/// A disk that is asked for one file after the other makes each wait for the one before it; asked for several at once it
/// writes them together.
final class CopyKeeper: Sendable {
    /// How many copies are made durable at once.
    private static let width = 8

    private struct State {
        var results: [InboxEntry: FetchResult] = [:]
        var taken = 0
        var kept = 0
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let spool: Spool
    private let lanes: [DispatchQueue]
    private let state = Mutex(State())

    init(_ spool: Spool) {
        self.spool = spool
        lanes = (0..<Self.width).map { _ in DispatchQueue(label: "ledgerdrop.keep") }
    }

    /// Takes a whole copy; it is kept soon after.
    func take(_ copy: SpoolCopy, of entry: InboxEntry) {
        let place = state.withLock { state in
            state.taken += 1
            return state.taken
        }
        lanes[place % lanes.count].async { [self] in note(entry, keep(copy, of: entry), isTaken: true) }
    }

    /// Takes the answer of a file that did not come.
    func note(_ entry: InboxEntry, _ result: FetchResult) { note(entry, result, isTaken: false) }

    /// What came of every file, once nothing is under way.
    func results() async -> [InboxEntry: FetchResult] {
        await withCheckedContinuation { (waiting: CheckedContinuation<Void, Never>) in
            let isDone = state.withLock { state in
                if state.kept == state.taken { return true }
                state.waiting = waiting
                return false
            }
            if isDone { waiting.resume() }
        }
        return state.withLock { $0.results }
    }

    private func note(_ entry: InboxEntry, _ result: FetchResult, isTaken: Bool) {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.results[entry] = result
            if isTaken { state.kept += 1 }
            return state.kept == state.taken ? state.waiting.take() : nil
        }
        waiting?.resume()
    }

    private func keep(_ copy: SpoolCopy, of entry: InboxEntry) -> FetchResult {
        do {
            let kept = try spool.keep(copy)
            guard entry.size == nil || entry.size == kept.size else { return .failed(.changed) }
            return .kept(sha256: kept.sha256, size: kept.size)
        } catch SpoolFailure.full {
            return .diskLow
        } catch {
            return .failed(.sinkFailed("\(error)"))
        }
    }
}

/// What came of fetching one file.
enum FetchResult: Sendable {
    /// Its bytes are durable; its name in the spool is after the next ``Spool/makeDurable()``.
    case kept(sha256: String, size: Int64)
    case failed(InboxFailure)
    case diskLow
}
