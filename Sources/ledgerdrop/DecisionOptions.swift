import ArgumentParser
import Daemon

/// What a person says who decides a held file.
struct DecisionOptions: ParsableArguments {
    static let exitStatus = """
        Who decided and why is recorded.

        EXIT STATUS
          0   done, or done before
          65  done, but rows were rejected or parked, or the file failed
          66  no such file, or it is not held
          75  the daemon did not answer in time
          78  the configuration is invalid
        """

    @OptionGroup var drop: DropOptions

    @Argument(help: "An id of the ledger, a name or a path.")
    var file: String

    @Option(help: "Why, for those who ask later.")
    var reason: String?

    @OptionGroup var wait: WaitOptions
    @OptionGroup var output: OutputOptions

    /// Has the decision carried out, and shows what came of it.
    func perform(_ decision: (Int64, String?) -> Request.Verb) async throws {
        try await concluding {
            let id = try DropReader(drop.configuration()).id(of: file, preferring: "held")
            try await wait.perform(decision(id, reason), drop, output)
        }
    }
}
