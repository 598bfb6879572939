import ArgumentParser
import Daemon

/// `ledgerdrop files`: what was seen and what became of it.
struct FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List files and what became of them, newest first.",
        discussion: """
            EXIT STATUS
              0   listed
              66  there is no ledger yet
              74  the ledger cannot be read
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Option(help: "Only files in this state, such as held or failed.")
    var state: String?

    @Option(help: "Only files of this record type.")
    var type: String?

    @Option(name: .shortAndLong, help: "At most this many.")
    var limit = 50

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0.") }
    }

    func run() async throws {
        try await concluding {
            output.print(try DropReader(drop.configuration()).files(state: state, type: type, limit: limit))
        }
    }
}
