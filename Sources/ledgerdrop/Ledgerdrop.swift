import ArgumentParser
import Daemon

struct Ledgerdrop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledgerdrop",
        abstract: "Loads a customer's CSV drop into a ledger, hour by hour.",
        discussion: """
            Every command takes --drop NAME, for /etc/ledgerdrop/NAME.yaml, or --config FILE.

            EXIT STATUS
              0   done
              64  the command line is wrong
              65  done, but files failed or were held, or rows were rejected or parked
              66  no such file, run or record type
              69  the SFTP or SMTP server cannot be reached
              70  a fault of the program
              73  an output could not be created
              74  a read or write error, or the ledger is damaged
              75  held by another process, busy, or no answer in time: try again
              76  the server broke the protocol
              77  host key or authentication refused
              78  the configuration is invalid
            """,
        version: Version.current,
        subcommands: [
            RunCommand.self, PollCommand.self, StatusCommand.self, FilesCommand.self, ExplainCommand.self,
            ErrorsCommand.self, CheckCommand.self, ReplayCommand.self, ReleaseCommand.self,
            DiscardCommand.self, ReconcileCommand.self,
            TemplateCommand.self, RecipientsCommand.self, HostKeyCommand.self, LogCommand.self,
            ConfigCommand.self, VerifyCommand.self, BackupCommand.self, UserCommand.self, DoctorCommand.self,
        ]
    )
}
