import ArgumentParser
import Daemon

extension ReconcileVerb.Form: ExpressibleByArgument {}

/// `ledgerdrop reconcile`: whose open items do not come to the stated balance.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "List the customers whose open items do not come to their stated balance.",
        discussion: """
            Open invoices, less unapplied payments and credit memos unless balance_basis is gross, are held against the
            balance that the customer file states, after each run that loads something. Items in another currency than
            the customer's own are listed without a variance; nothing is converted.

            EXIT STATUS
              0   every balance comes out
              65  at least one does not
              66  nothing was compared yet, or there is no ledger yet
              74  the ledger cannot be read
              78  the configuration is invalid
            """
    )

    @OptionGroup var drop: DropOptions

    @Option(help: "The form of the output: text, json or csv.")
    var format = ReconcileVerb.Form.text

    func run() async throws {
        try await concluding {
            let status = try ReconcileVerb(DropReader(drop.configuration())).show(
                format,
                write: Console.write
            )
            if status != .ok { throw ExitCode(status.rawValue) }
        }
    }
}
