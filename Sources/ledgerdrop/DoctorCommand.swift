import ArgumentParser
import Daemon

/// `ledgerdrop doctor`: whether a drop has all that it needs.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that a drop needs, and say what mends it.",
        discussion: """
            Works while the daemon runs and when it does not, and changes nothing. Each step is ok, warning, failed or
            skipped; what rests on a failed one is skipped.

            EXIT STATUS
              0   nothing failed; there may be warnings
              69  the SFTP or SMTP server cannot be reached, or refuses what is needed of it
              73  the metrics file cannot be written
              74  the state directory or the ledger cannot be used, or the disk is full
              75  another host holds the lease
              76  no algorithm in common, or the server breaks the protocol
              77  host key or login refused
              78  the configuration or a credential is invalid, or no host key is pinned
            Of several the one furthest down counts.
            """
    )

    @OptionGroup var drop: DropOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Also write, rename and delete a file of our own in each folder that files are taken from.")
    var probeWrite = false

    func run() async throws {
        try await concluding {
            let report = await Doctor(path: drop.path, probesWrite: probeWrite).examine()
            if !(output.quiet && output.format == .text && report.status == .ok) { output.print(report) }
            if report.status != .ok { throw ExitCode(report.status.rawValue) }
        }
    }
}
