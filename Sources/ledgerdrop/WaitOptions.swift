import ArgumentParser
import Daemon
import Logging

/// How long a command that changes something waits for the daemon.
struct WaitOptions: ParsableArguments {
    @Flag(name: .customLong("no-wait"), help: "Leave the request for the daemon and return at once.")
    var returnsAtOnce = false

    @Option(name: .customLong("timeout"), help: "Seconds to wait for the daemon's answer.")
    var seconds = 3600

    mutating func validate() throws {
        guard (1...86400).contains(seconds) else {
            throw ValidationError("--timeout takes 1 to 86400 seconds.")
        }
    }

    var limit: Duration? { returnsAtOnce ? nil : .seconds(seconds) }

    /// Has a verb done, by the daemon or here.
    func perform(_ verb: Request.Verb, _ drop: DropOptions, _ output: OutputOptions) async throws {
        let shown = ProgressLine(isOn: !output.quiet)
        let writer = try Self.writer(drop, shown)
        let answer = try await writer.perform(verb, waiting: limit)
        shown.clear()
        try output.finish(answer)
    }

    /// Whoever does it, in the name of the drop's owner.
    static func writer(_ drop: DropOptions, _ shown: ProgressLine) throws -> DropWriter {
        let configuration = try drop.configuration()
        let secrets = try Secrets(of: configuration, path: drop.path)
        try DropOwner.assume(of: configuration)
        return DropWriter(
            configuration,
            path: drop.path,
            secrets: secrets,
            logger: Logger(label: "ledgerdrop") { _ in JournalLog(level: .error) },
            progress: shown.teller
        )
    }
}
