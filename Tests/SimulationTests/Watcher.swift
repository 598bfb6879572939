import Ledger
import Synchronization

@testable import Daemon

/// The service outside that is told when runs begin and how they end.
struct Watcher {
    /// What came, by its address, and how often.
    var heard: [String: Int] = [:]
    /// Whether one was answered when nothing goes wrong any more.
    var isAnsweredInPeace = false
}

extension World {
    /// A ping, which may be lost, or its answer.
    func hear(_ ping: HeartbeatPing) throws {
        let words = ping.url.split(separator: "/").last ?? ""
        let what = "beat \(words.prefix { $0 != "?" }) of run \(Int64(words.suffix(12)) ?? 0)"
        guard step("ask: \(what)") else { throw CancellationError() }
        let dice = isCalm ? 99 : draw(0...99)
        let isAnswered = dice >= 15
        state.withLock { state in
            if dice >= 10 { state.watcher.heard[ping.url, default: 0] += 1 }
            if state.isCalm { state.watcher.isAnsweredInPeace = true }
        }
        if !isAnswered { say("  nobody answers") }
        guard step("done: \(what)") else { throw CancellationError() }
        if !isAnswered { throw HeartbeatPing.Failure(description: "nobody answers") }
    }
}
