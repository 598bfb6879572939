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
            balance that the customer file states. The daemon does so after each run that loads something, and
            "ledgerdrop poll" for small changes; what is left is compared first. Items in another currency than the
            customer's own are listed without a variance; nothing is converted.

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
            let verb = try ReconcileVerb(DropReader(drop.configuration()))
            if try verb.isBehind() { await compare() }
            let status = try verb.show(format, write: Console.write)
            if status != .ok { throw ExitCode(status.rawValue) }
        }
    }

    /// Has compared what was loaded since; where that cannot be done, the last comparison is shown.
    private func compare() async {
        do {
            let writer = try WaitOptions.writer(drop, ProgressLine(isOn: false))
            let answer = try await writer.perform(.reconcile, waiting: .seconds(120))
            guard !answer.problem.isEmpty else { return }
            Console.complain("what was loaded last is not compared: \(answer.problem)")
        } catch {
            Console.complain("what was loaded last is not compared: \(error)")
        }
    }
}
