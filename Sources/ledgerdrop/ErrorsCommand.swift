import ArgumentParser
import Daemon

/// `ledgerdrop errors`: the rejected rows of a file, to be mended and dropped again.
struct ErrorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "Print the rejected rows of a file as CSV, with the reasons in front.",
        discussion: """
            The original cells stand there byte for byte; mend them and drop the file again as it is. With --format json
            the issues are printed instead.

            EXIT STATUS
              0   printed; no row at all means that none was rejected
              66  no such file, or its spool copy is pruned
              74  the ledger or the spool cannot be read
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Argument(help: "An id of the ledger, a name or a path.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding {
            let errors = try ErrorsVerb(file, drop.configuration())
            switch output.format {
            case .json: output.print(try errors.issues())
            case .text: try errors.write { Console.write(bytes: $0) }
            }
        }
    }
}
