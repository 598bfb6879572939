import ArgumentParser
import Daemon

/// `ledgerdrop recipients`: who is told when something fails.
struct RecipientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipients",
        abstract: "List and change who gets the mails.",
        discussion: """
            The configuration's list counts once, when the ledger is made; from then on the ledger's.

            EXIT STATUS
              0   done, or done before
              64  that is no e-mail address
              66  there is no ledger yet
              69  test: the mail server cannot be reached
              75  the daemon did not answer in time
              78  the configuration is invalid
            """,
        subcommands: [List.self, Add.self, Remove.self, Test.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the addresses, one a line.")
        @OptionGroup var drop: DropOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding { output.print(try DropReader(drop.configuration()).recipients()) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add an address.")
        @OptionGroup var drop: DropOptions
        @Argument(help: "An e-mail address.") var address: String
        @OptionGroup var wait: WaitOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard isMailAddress(address) else { throw ValidationError("That is no e-mail address.") }
        }

        func run() async throws {
            try await concluding { try await wait.perform(.addRecipient(address), drop, output) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an address.")
        @OptionGroup var drop: DropOptions
        @Argument(help: "An e-mail address.") var address: String
        @OptionGroup var wait: WaitOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding { try await wait.perform(.removeRecipient(address), drop, output) }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a mail to every address and print what the server says."
        )
        @OptionGroup var drop: DropOptions
        @OptionGroup var wait: WaitOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding { try await wait.perform(.testRecipients, drop, output) }
        }
    }
}
