import ArgumentParser
import Daemon

/// `ledgerdrop hostkey`: which server we trust.
struct HostKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostkey",
        abstract: "See a server's host keys, and say which to trust.",
        discussion: """
            There is no trust on first use: compare what scan prints with what the server's owner says, then accept it.

            EXIT STATUS
              0   done, or done before
              64  that is no pin
              69  the server cannot be reached
              75  the daemon did not answer in time
              78  the configuration is invalid
            """,
        subcommands: [Scan.self, Accept.self]
    )

    struct Scan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the server's pins and known_hosts lines; changes nothing."
        )
        @OptionGroup var drop: DropOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await concluding { output.print(try await HostKeyScan(drop.configuration())) }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trust exactly this key from now on.")
        @OptionGroup var drop: DropOptions

        @Argument(help: "A pin as scan prints it: \"ssh-ed25519 SHA256:…\".")
        var pin: [String]

        @Option(name: .customLong("not-after"), help: "The last day on which it counts, such as 2026-12-31.")
        var notAfter: String?

        @OptionGroup var wait: WaitOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard InboxSettings.HostKey(pin: pin.joined(separator: " ")) != nil else {
                throw ValidationError("That is no pin such as \"ssh-ed25519 SHA256:…\".")
            }
            if let notAfter, InboxSettings.HostKey.lastDay(notAfter) == nil {
                throw ValidationError("--not-after takes a day such as 2026-12-31.")
            }
        }

        func run() async throws {
            try await concluding {
                let verb = Request.Verb.acceptHostKey(pin: pin.joined(separator: " "), notAfter: notAfter)
                try await wait.perform(verb, drop, output)
            }
        }
    }
}
