package import Ingestion
package import Intake
package import Mail

/// What a drop's work touches beyond its state directory, the time of day aside: a simulation brings a world of its own.
package struct Surroundings: Sendable {
    /// How long things take, and how waiting is done; its time of day is not asked.
    package var clock = RunClock.host
    /// Makes the inbox of each run; `nil`: it is the one that the configuration names.
    package var inbox: (@Sendable () -> any Inbox)?
    /// How mails leave; `nil`: as the configuration says.
    package var transport: (any MailTransport)?
    /// How a service outside is told of runs.
    var beat: @Sendable (HeartbeatPing) async throws -> Void = { try await $0.send() }
    /// Chance from 0 to 1, which spreads what is tried again.
    package var chance: @Sendable () -> Double = { Double.random(in: 0...1) }
    /// How many disposals are under way at once; with one, everything happens in one order.
    package var disposalsAtOnce: Int?

    /// Those of this host.
    package init() {}
}
