import ArgumentParser

@main
struct Ledgerdrop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Loads a customer's SFTP drop into a ledger.")
}
