import ArgumentParser
import Daemon

/// `ledgerdrop config`: looks at a configuration.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at a drop's configuration.",
        subcommands: [Check.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the configuration and the credentials that it names.",
            discussion: """
                Prints every problem as file:line:column: message.

                EXIT STATUS
                  0   the configuration is good
                  78  it is not
                """
        )

        @OptionGroup var drop: DropOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding {
                let check = ConfigurationCheck(path: drop.path)
                for warning in check.warnings { Console.complain("\(drop.path): warning: \(warning)") }
                if output.format == .json {
                    output.print(check)
                } else {
                    if !check.isGood {
                        Console.complain(check.text)
                    } else if !output.quiet {
                        Console.write(check.text)
                    }
                }
                if !check.isGood { throw ExitCode(ExitStatus.configuration.rawValue) }
            }
        }
    }
}
