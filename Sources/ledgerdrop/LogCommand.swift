import ArgumentParser
import Daemon
import Threads

/// `ledgerdrop log`: the status log for human eyes.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show the latest events; with --follow also those to come.",
        discussion: """
            EXIT STATUS
              0   shown
              66  there is no status log yet
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Flag(name: .shortAndLong, help: "Go on with what is yet to happen.")
    var follow = false

    @Option(name: .customShort("n"), help: "How many of the latest events.")
    var lines = 20

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard lines >= 0 else { throw ValidationError("-n takes a number from 0.") }
    }

    func run() async throws {
        try await concluding {
            let path = try drop.configuration().stateDirectory + "/status.log"
            var log = try LogTail(path, last: lines)
            repeat {
                for line in try log.next() {
                    Console.write((output.format == .json ? line : LogLine.text(line)) + "\n")
                }
                if follow { try await Task.pause(for: .milliseconds(250)) }
            } while follow
        }
    }
}
