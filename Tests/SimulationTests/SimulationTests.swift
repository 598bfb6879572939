import Foundation
import Testing

/// The whole run, in a world in which nothing is sure.
@Suite(.timeLimit(.minutes(120)))
struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// One, if somebody wants to see it again; fifty; or as many as `deploy/torture` asks for.
    private static let seeds: [UInt64] = {
        if let one = environment["SIMULATION_SEED"].flatMap(UInt64.init) { return [one] }
        guard environment["TORTURE"] != nil else { return Array(1...50) }
        let first = environment["TORTURE_SEED"].flatMap(UInt64.init) ?? .random(in: 1000...1_000_000_000)
        return Array(first..<first + (environment["TORTURE_SEEDS"].flatMap(UInt64.init) ?? 5000))
    }()

    @Test(arguments: seeds)
    func `whatever happens, what was dropped is loaded once, put away once and told`(seed: UInt64)
        async throws
    {
        let world = try await History.live(seed)
        if Self.environment["SIMULATION_SEED"] != nil { print(world.history.joined(separator: "\n")) }
        let found = world.violations.joined(separator: "\n")
        #expect(
            found.isEmpty,
            """
            seed \(seed); again: SIMULATION_SEED=\(seed) deploy/test --filter SimulationTests
            \(world.history.suffix(12).joined(separator: "\n"))
            """
        )
    }

    @Test func `one seed is one history`() async throws {
        let first = try await History.live(7).history
        let second = try await History.live(7).history
        #expect(first.count > 100)
        #expect(first == second)
    }

    @Test(arguments: [World.Plant.archiveBeforeCommit, .noConfirmation])
    func `a fault that is planted is found`(plant: World.Plant) async throws {
        for seed in 1...100 as ClosedRange<UInt64> {
            if try await !History.live(seed, plant: plant).violations.isEmpty { return }
        }
        Issue.record("a hundred histories with \(plant), and nothing was found")
    }
}
