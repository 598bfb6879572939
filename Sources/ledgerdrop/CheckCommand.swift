import ArgumentParser
import Daemon

/// `ledgerdrop check`: says what the daemon would make of files, and touches nothing.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate local files against the current ledger without loading them.",
        discussion: """
            Prints one line for each issue, as file:line: column: message, and nothing for a clean file. The type comes
            from --type, else from the folder or the name.

            EXIT STATUS
              0   every row would load
              64  the command line is wrong
              65  at least one row or file would be rejected, parked or held
              66  no such file, or its type cannot be told
              74  a file or the ledger could not be read
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Option(help: "The record type of the files.", completion: .list(RecordNames.catalogue.types))
    var type: String?

    @Argument(help: "The CSV files to check.", completion: .file(extensions: ["csv"]))
    var files: [String]

    @Flag(help: "Also list the rows that would be stored otherwise than they are.")
    var changes = false

    @Flag(help: "With --changes: show what changed columns hold now, and what they would hold.")
    var values = false

    @Flag(help: "With --changes: list every row, not 100 of each kind.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding {
            let shown = ProgressLine(isOn: !output.quiet)
            let manner = CheckVerb.Manner(
                isJSON: output.format == .json,
                listsChanges: changes,
                perKind: all ? nil : DifferenceOptions.perKind,
                showsValues: values
            )
            let status = try await CheckVerb.check(
                files,
                type: type,
                drop.configuration(),
                manner,
                progress: shown.teller
            ) { text in
                shown.clear()
                Console.write(text)
            }
            shown.clear()
            if status != .ok { throw ExitCode(status.rawValue) }
        }
    }
}
