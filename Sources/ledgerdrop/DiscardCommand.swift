import ArgumentParser
import Daemon

/// `ledgerdrop discard`: a person decides a held file.
struct DiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Refuse a file that a guard has held; it moves to failed/.",
        discussion: DecisionOptions.exitStatus
    )

    @OptionGroup var decision: DecisionOptions

    func run() async throws {
        try await decision.perform { .discard(file: $0, reason: $1) }
    }
}
