import Daemon
import Ingestion
import Ledger
import Synchronization

/// The world's clock: it goes on when somebody waits, and is set now and then.
final class WorldTime: WallTime, Alarm {
    private let world: World
    private let ring = Mutex<@Sendable () -> Void>({})
    /// Called in the middle of a wait, when the daemon is told to stop.
    private let stop: @Sendable () -> Void

    init(_ world: World, stop: @escaping @Sendable () -> Void) {
        self.world = world
        self.stop = stop
    }

    var now: Timestamp { world.state.withLock { $0.now } }

    func makeAlarm(_ ring: @escaping @Sendable () -> Void) -> any Alarm {
        self.ring.withLock { $0 = ring }
        return self
    }

    /// The daemon rests until then: hours may pass, and customers come.
    func set(_ time: Timestamp) {
        world.state.withLock { state in
            let left = max(0, time.milliseconds - state.now.milliseconds) + 1000
            let dice = state.isCalm ? 99 : Int.random(in: 0..<100, using: &state.chance)
            switch dice {
            case 0..<4: state.pass(Int64.random(in: 3_600_000...40_000_000, using: &state.chance))
            case 4..<8 where state.now > state.floor:
                let back = Int64.random(in: 1000...7_200_000, using: &state.chance)
                state.now = Timestamp(milliseconds: state.now.milliseconds - back)
            case 8..<12: state.pass(Int64.random(in: 0...left, using: &state.chance))
            default: state.pass(left)
            }
            state.arrive()
        }
        world.step("the clock rings")
        ring.withLock(\.self)()
    }

    /// The clock of a run.
    var runClock: RunClock {
        RunClock(
            now: { self.now },
            uptime: { self.world.state.withLock { $0.uptime } },
            sleep: { duration in
                guard self.world.step("wait") else { throw CancellationError() }
                self.world.state.withLock { state in
                    state.pass(Int64(duration / .milliseconds(1)))
                    state.goOnUploading(all: false)
                    if state.happens(20) { state.arrive() }
                }
                if self.world.happens(3) {
                    self.world.step("it is told to stop")
                    self.stop()
                    // Whoever waits is woken by the wish itself.
                    try await Task.sleep(for: .seconds(600), clock: .continuous)
                }
            }
        )
    }
}
