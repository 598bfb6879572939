import ArgumentParser
import Daemon

/// `ledgerdrop verify`: whether what a drop keeps holds together.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the whole ledger, spool and status log, and check every invariant.",
        discussion: """
            Looks only, also while the daemon works, and takes as long as reading everything does. A note is what the next
            start mends by itself.

            EXIT STATUS
              0   everything holds
              66  there is no ledger yet
              70  an invariant is broken: a fault of the program
              74  the ledger, the spool or the status log is damaged, or cannot be read
              78  the configuration is invalid, or the ledger is another drop's
            """
    )

    @OptionGroup var drop: DropOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding {
            let report = try VerifyVerb.verify(drop.configuration())
            if !(output.quiet && report.isGood && output.format == .text) { output.print(report) }
            if report.status != .ok { throw ExitCode(report.status.rawValue) }
        }
    }
}
