import ArgumentParser
import Daemon

/// `ledgerdrop release`: a person decides a held file.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Apply a file that a guard has held.",
        discussion: DecisionOptions.exitStatus
    )

    @OptionGroup var decision: DecisionOptions

    @Flag(name: .customLong("dry-run"), help: "Only say what would change.")
    var dryRun = false

    @OptionGroup var difference: DifferenceOptions

    func run() async throws {
        guard !dryRun else {
            return try await concluding {
                let id = try DropReader(decision.drop.configuration()).id(
                    of: decision.file,
                    preferring: "held"
                )
                try await difference.show(id, .release, decision.drop, decision.wait, decision.output)
            }
        }
        try await decision.perform { .release(file: $0, reason: $1) }
    }
}
