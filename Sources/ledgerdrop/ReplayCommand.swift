import ArgumentParser
import Daemon

/// `ledgerdrop replay`: a file again, against today's ledger.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Load a file again from its spool copy.",
        discussion: """
            Guards apply, and a file older than the last applied one of its type is refused; --older applies it without
            clearing anything. With --dry-run every row that would be stored otherwise than it is, refused or set aside
            is listed on a line of its own, at most 100 of each kind; so are parked rows of other files that could be
            stored then, and customers that would be made up.

            EXIT STATUS
              0   done, every row applied or unchanged
              65  done, but rows were rejected or parked, or the file failed or was held
              66  no such file, or its spool copy is pruned
              75  the daemon did not answer in time
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Argument(help: "An id of the ledger, a name or a path.")
    var file: String

    @Flag(name: .customLong("dry-run"), help: "Only say what would change.")
    var dryRun = false

    @Flag(help: "Apply a file that is older than the last one of its type.")
    var older = false

    @OptionGroup var difference: DifferenceOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding {
            let id = try DropReader(drop.configuration()).id(of: file)
            guard dryRun else {
                return try await wait.perform(.replay(file: id, dryRun: false, older: older), drop, output)
            }
            try await difference.show(id, .replay(older: older), drop, wait, output)
        }
    }
}
