import Daemon
import Ledger
import Synchronization
import TestSupport

/// What one seed tells: lives of the daemon in an unkind world, then one in a kind world until nothing is left to do.
enum History {
    /// Lives it; what was broken stands in the world's violations.
    static func live(_ seed: UInt64, plant: World.Plant? = nil) async throws -> World {
        let folder = try TemporaryFolder("history", in: TemporaryFolder.quickest)
        let world = World(seed: seed, plant: plant)
        world.state.withLock { $0.arrive() }
        let lives = world.draw(2...5)
        for number in 1...lives + 1 {
            let isLast = number > lives
            let now = world.state.withLock { state in
                state.isDead = false
                state.isCalm = isLast
                state.deathAt = nil
                if state.happens(75) {
                    state.deathAt = state.steps + Int.random(in: 1...90, using: &state.chance)
                }
                state.arrive()
                return state.now
            }
            let hours = isLast ? 400 : world.draw(1...6)
            world.say("life \(number)")
            let image = folder.path("state\(number + 1)")
            let life = Life(
                world: world,
                state: folder.path("state\(number)"),
                image: image,
                end: now.adding(seconds: Int64(hours) * 3600)
            )
            try await life.live()
            folder.remove("state\(number)")
            let report = try VerifyVerb.verify(try Life.configuration(state: image))
            if !report.isGood { world.violate("verify: \(report.text)") }
            guard world.violations.isEmpty else { return world }
            if isLast {
                for finding in try Account(of: world, state: image).findings { world.violate(finding) }
            }
            world.state.withLock { $0.pass(Int64.random(in: 0...10_800_000, using: &$0.chance)) }
        }
        return world
    }
}
