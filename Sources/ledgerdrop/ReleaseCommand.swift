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

    func run() async throws {
        try await decision.perform { .release(file: $0, reason: $1) }
    }
}
