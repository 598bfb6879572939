import Ledger
import Synchronization
import TestSupport

/// Everything around the daemon: the time, the server with its customer, the relay.
///
/// One seed is one history: whatever happens is a step, in one order; at a step that was drawn the process dies, and what
/// it does from then on reaches nobody.
final class World: Sendable {
    /// A fault in the way the daemon's side of the inbox works, to see that it is found.
    enum Plant: Sendable {
        /// The server's file is put away as soon as it is read.
        case archiveBeforeCommit
        /// Nobody looks again whether a file changed while it was read.
        case noConfirmation
    }

    struct State {
        var chance: SplitMix64
        var now = Timestamp(milliseconds: 1_893_456_000_000)
        var uptime = Duration.seconds(1000)
        /// Before it, nobody sets the clock back: slots count from the first start on.
        var floor = Timestamp(milliseconds: 1_893_480_000_000)
        /// No fault, no arrival, no set clock any more: all that is left comes to its end.
        var isCalm = false

        var steps = 0
        var deathAt: Int?
        var isDead = false
        var history: [String] = []
        var violations: [String] = []
        /// Whether something was committed since the ledger was looked at.
        var isChanged = false
        /// What is to be done when the process dies, and after each step.
        var die: @Sendable () -> Void = {}
        var look: @Sendable () throws -> [String] = { [] }

        var server = Server()
        var relay = Relay()
        var watcher = Watcher()
    }

    let seed: UInt64
    /// Whether the daemon claims files before it reads them, as one of two that serve the drop; the other has died with
    /// a claim in its hands.
    let claims: Bool
    /// Whether files of one type are expected, which come when they like.
    let expects: Bool
    /// Whether a service outside is told of each run.
    let beats: Bool
    let plant: Plant?
    let state: Mutex<State>

    init(seed: UInt64, plant: Plant? = nil) {
        self.seed = seed
        self.plant = plant
        claims = plant == nil && seed.isMultiple(of: 2)
        expects = plant == nil && seed.isMultiple(of: 3)
        beats = plant == nil && seed.isMultiple(of: 5)
        state = Mutex(State(chance: SplitMix64(seed: seed)))
        if claims { state.withLock { $0.server.leaveClaim() } }
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    var isCalm: Bool { state.withLock { $0.isCalm } }
    var history: [String] { state.withLock { $0.history } }
    var violations: [String] { state.withLock { $0.violations } }

    /// A number that the seed says.
    func draw(_ range: ClosedRange<Int>) -> Int {
        state.withLock { Int.random(in: range, using: &$0.chance) }
    }

    /// Whether something happens that does so in that many of a hundred cases; never in a calm world.
    func happens(_ percent: Int) -> Bool { state.withLock { $0.happens(percent) } }

    /// Something happens.
    ///
    /// Returns whether the process lives on after it.
    @discardableResult
    func step(_ what: String, looking: Bool = true) -> Bool {
        enum Fate {
            case dead, dies
            case lives(look: (@Sendable () throws -> [String])?)
        }
        let fate = state.withLock { state -> (Fate, @Sendable () -> Void) in
            guard !state.isDead else { return (.dead, {}) }
            state.steps += 1
            state.history.append("\(state.steps) \(state.now.text) \(what)")
            if state.steps == state.deathAt {
                state.isDead = true
                state.history.append("the process dies")
                return (.dies, state.die)
            }
            guard looking, state.isChanged else { return (.lives(look: nil), {}) }
            state.isChanged = false
            return (.lives(look: state.look), {})
        }
        switch fate.0 {
        case .dead: return false
        case .dies:
            fate.1()
            return false
        case .lives(let look):
            if let look { note(after: what, look) }
            return true
        }
    }

    /// The ledger has a new state.
    func noteCommit() {
        state.withLock { $0.isChanged = true }
        // We are on the thread that writes: it must not be asked anything now.
        step("commit", looking: false)
    }

    func say(_ line: String) { state.withLock { $0.history.append(line) } }

    func violate(_ what: String) { state.withLock { $0.violations.append(what) } }

    private func note(after what: String, _ look: () throws -> [String]) {
        do {
            for finding in try look() { violate("after \(what): \(finding)") }
        } catch {
            violate("after \(what): the ledger cannot be read: \(error)")
        }
    }
}

extension World.State {
    mutating func happens(_ percent: Int) -> Bool {
        !isCalm && Int.random(in: 0..<100, using: &chance) < percent
    }

    mutating func pass(_ milliseconds: Int64) {
        now = Timestamp(milliseconds: now.milliseconds + milliseconds)
        uptime += .milliseconds(max(0, milliseconds))
    }
}
