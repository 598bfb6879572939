import ArgumentParser
import Daemon

/// `ledgerdrop backup`: a copy of the ledger that can be put in its place.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a consistent, verified copy of the ledger while the daemon goes on.",
        discussion: """
            PATH must not exist; it appears only when the copy is whole. To restore, stop the daemon, move ledger.sqlite and
            what begins with its name away, put the copy in its place, owned by the service's user, and start the daemon:
            no mail is sent twice, and files that come again are applied to the same result. Keep the rest of the state
            directory.

            EXIT STATUS
              0   the copy is whole and has its name
              66  there is no ledger yet
              73  PATH exists, or the copy could not be written
              74  the ledger could not be read, or the copy of it is not whole
              78  the configuration is invalid, or the ledger is another drop's
            """
    )

    @OptionGroup var drop: DropOptions

    @Argument(help: "The file to make.", completion: .file())
    var path: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding {
            let report = try BackupVerb.backup(drop.configuration(), to: path)
            await record(report)
            if !output.quiet || output.format == .json { output.print(report) }
        }
    }

    /// Has the ledger tell that there is a backup; the copy is good whether it does or not.
    private func record(_ report: BackupReport) async {
        do {
            let writer = try WaitOptions.writer(drop, ProgressLine(isOn: false))
            let verb = Request.Verb.noteBackup(bytes: report.bytes, lastEvent: report.lastEvent)
            let answer = try await writer.perform(verb, waiting: .seconds(60))
            if !answer.problem.isEmpty { Console.complain("the backup is not recorded: \(answer.problem)") }
        } catch {
            Console.complain("the backup is not recorded: \(error)")
        }
    }
}
