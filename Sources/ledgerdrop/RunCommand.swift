import ArgumentParser
import Daemon
import Logging

/// `ledgerdrop run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serve a drop until told to stop.",
        discussion: """
            Makes a run at the top of every hour, serves requests, sends mail. SIGTERM ends it within ten seconds; what is
            not finished goes on at the next start. SIGHUP reads the configuration again and opens the status log again.

            EXIT STATUS
              0   stopped on request
              70  a fault of the program
              74  the state directory or the ledger cannot be used
              75  another process holds the drop
              78  the configuration is invalid, or no host key is pinned
            """
    )

    @OptionGroup var drop: DropOptions

    @Flag(name: .shortAndLong, help: "Log more of what goes on.")
    var verbose = false

    func run() async throws {
        try await concluding {
            let configuration = try drop.configuration()
            let secrets = try Secrets(of: configuration, path: drop.path)
            try DropOwner.assume(of: configuration)
            let level: Logger.Level = verbose ? .debug : .info
            var logger = Logger(label: "ledgerdrop") { _ in JournalLog(level: level) }
            // Each entry says whose it is; on plain lines the unit does.
            if Journal.ofStandardError() != nil { logger[metadataKey: "drop"] = "\(configuration.name)" }
            try await RunVerb.run(
                configuration,
                path: drop.path,
                secrets: secrets,
                logger: logger
            )
        }
    }
}
