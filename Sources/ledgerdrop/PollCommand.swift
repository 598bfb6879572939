import ArgumentParser
import Daemon

/// `ledgerdrop poll`: one run now.
struct PollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll",
        abstract: "Make one run now, then exit.",
        discussion: """
            Waits the quiet period, consumes no slot, and tries due disposals and mails once before it ends. If the daemon
            runs, it makes the run.

            EXIT STATUS
              0   every file loaded whole, or there was none
              65  files failed or were held, or rows were rejected or parked
              69  the server cannot be reached
              74  the ledger cannot be used
              75  the daemon did not answer in time
              76  the server broke the protocol
              77  host key or authentication refused
              78  the configuration is invalid, or no host key is pinned
            """
    )

    @OptionGroup var drop: DropOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await concluding { try await wait.perform(.poll, drop, output) }
    }
}
