import ArgumentParser
import Daemon

/// `ledgerdrop template`: the header line of a record type.
struct TemplateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Print the header line that a customer's file should have.",
        discussion: """
            Needs no drop and no ledger.

            EXIT STATUS
              0   printed
              66  no such record type; the types are named
            """
    )

    @Argument(help: "A record type, such as open_invoices.", completion: .list(RecordNames.catalogue.types))
    var type: String

    @Flag(help: "With the optional columns too.")
    var all = false

    @Option(help: "The form of the output: text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        try await concluding {
            let template = try Template(of: type, all: all)
            Console.write(format == .json ? template.json + "\n" : template.text)
        }
    }
}
