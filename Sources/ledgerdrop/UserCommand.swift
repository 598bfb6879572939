import ArgumentParser
import Daemon

/// `ledgerdrop user`: who may sign in to the status page.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "List and change who may sign in to the status page.",
        discussion: """
            A viewer sees everything; an operator decides held files, replays files and has mails sent again; an admin also
            says who gets the mails.

            EXIT STATUS
              0   done, or done before
              64  no e-mail address or role, or a password that will not do
              66  there is no ledger yet
              75  the daemon did not answer in time
              78  the configuration is invalid
            """,
        subcommands: [List.self, Add.self, Remove.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print who may sign in, and as what.")
        @OptionGroup var drop: DropOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding { output.print(try DropReader(drop.configuration()).people()) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add somebody, or give them another role and password.",
            discussion: """
                The password is asked for on a terminal, and else read from the first line of the standard input. Whoever is
                signed in under that name has to sign in again.
                """
        )
        @OptionGroup var drop: DropOptions
        @Argument(help: "An e-mail address.") var email: String
        @Option(help: "viewer, operator or admin.") var role = "viewer"
        @OptionGroup var wait: WaitOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard isMailAddress(email) else { throw ValidationError("That is no e-mail address.") }
            guard UserVerb.roles.contains(role) else {
                throw ValidationError("A role is \(UserVerb.roles.joined(separator: ", ")).")
            }
        }

        func run() async throws {
            try await concluding {
                let verb = try UserVerb.adding(email, role: role, password: PasswordPrompt.read())
                try await wait.perform(verb, drop, output)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove somebody.")
        @OptionGroup var drop: DropOptions
        @Argument(help: "An e-mail address.") var email: String
        @OptionGroup var wait: WaitOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding { try await wait.perform(.removeUser(email), drop, output) }
        }
    }
}
