import Foundation
import Testing

/// The whole run, in a world in which nothing is sure.
@Suite(.timeLimit(.minutes(600)))
struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// One, if somebody wants to see it again; fifty; or as many as `deploy/torture` asks for.
    private static let seeds: [UInt64] = {
        if let one = environment["SIMULATION_SEED"].flatMap(UInt64.init) { return [one] }
        guard environment["TORTURE"]?.isEmpty == false else { return Array(1...50) }
        let first = environment["TORTURE_SEED"].flatMap(UInt64.init) ?? .random(in: 1000...1_000_000_000)
        return Array(first..<first + (environment["TORTURE_SEEDS"].flatMap(UInt64.init) ?? 5000))
    }()

    @Test func `whatever happens, what was dropped is loaded once, put away once and told`() async throws {
        // Each has watches and threads of its own: a few at a time.
        var waiting = Self.seeds[...]
        try await withThrowingTaskGroup { group in
            for seed in waiting.prefix(4) { group.addTask { try await Self.live(seed) } }
            waiting = waiting.dropFirst(4)
            while try await group.next() != nil {
                if let seed = waiting.popFirst() { group.addTask { try await Self.live(seed) } }
            }
        }
        if Self.seeds.count > 50 {
            let line =
                "figure: \(Self.seeds.count) histories from seed \(Self.seeds[0]) on: no violation if this test passes\n"
            FileHandle.standardError.write(Data(line.utf8))
        }
    }

    private static func live(_ seed: UInt64) async throws {
        let world: World
        do {
            world = try await History.live(seed)
        } catch {
            Issue.record(
                "\(error)\nseed \(seed); again: SIMULATION_SEED=\(seed) deploy/test --filter SimulationTests"
            )
            return
        }
        if environment["SIMULATION_SEED"] != nil { print(world.history.joined(separator: "\n")) }
        let found = world.violations.joined(separator: "\n")
        #expect(
            found.isEmpty,
            """
            seed \(seed); again: SIMULATION_SEED=\(seed) deploy/test --filter SimulationTests
            \(world.history.suffix(12).joined(separator: "\n"))
            """
        )
    }

    /// Without claims and with them, with files that are expected, a heartbeat, and disks that become full: a matter of single pages.
    @Test(arguments: [7, 12, 30, 31] as [UInt64]) func `one seed is one history`(seed: UInt64) async throws {
        let first = try await History.live(seed).history
        let second = try await History.live(seed).history
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
