import ArgumentParser
import Daemon

/// `ledgerdrop explain`: why a file is where it is.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell the story of a file: when it was seen, what was done with it, and why.",
        discussion: """
            FILE is an id of the ledger, a name or a path; a name that came more than once is told newest first.

            EXIT STATUS
              0   told
              66  no file of this name was ever seen; the nearest names are shown
              74  the ledger cannot be read
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Argument(help: "An id of the ledger, a name or a path.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding {
            do {
                output.print(try DropReader(drop.configuration()).explain(file))
            } catch let unknown as NeverSeen where output.format == .json {
                output.print(unknown)
                throw ExitCode(ExitStatus.noInput.rawValue)
            }
        }
    }
}
