import ArgumentParser
import Daemon
import Foundation

/// `ledgerdrop status`: how a drop is doing.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a drop is doing, and what needs you.",
        discussion: """
            Alive: a daemon holds the drop. Able: the last connection worked and the disk has room. Fresh: a run has
            finished lately and no file is missing. With --all one line for each configuration in the folder, also for those
            that cannot be read.

            EXIT STATUS
              0   shown
              66  there is no ledger yet
              74  the ledger cannot be read
              78  the configuration is invalid
            """
    )

    @Option(
        name: .customLong("config"),
        help: "The drop's configuration file.",
        completion: .file(extensions: ["yaml"])
    )
    var file: String?

    @Option(name: .customLong("drop"), help: "The drop's name, for /etc/ledgerdrop/NAME.yaml.")
    var name: String?

    @Flag(help: "Show every drop of this host, one line each.")
    var all = false

    @Option(help: "With --all: the folder of the configurations.", completion: .directory)
    var folder = "/etc/ledgerdrop"

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard [file != nil, name != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("Name the drop with --drop NAME or --config FILE, or use --all.")
        }
    }

    func run() async throws {
        try await concluding {
            if all { return try showAll() }
            let path = file ?? Configuration.path(ofDrop: name ?? "")
            output.print(try DropReader(Configuration.load(path: path)).status())
        }
    }

    private func showAll() throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandFailure(.inputOutput, "\(folder): cannot be listed")
        }
        var worst = ExitStatus.ok
        for name in names.sorted() where name.hasSuffix(".yaml") {
            do {
                let report = try DropReader(Configuration.load(path: "\(folder)/\(name)")).status()
                Console.write((output.format == .json ? report.json : report.line) + "\n")
            } catch {
                let line = StatusReport.line(drop: String(name.dropLast(5)), unreadable: "\(error)")
                if output.format == .text { Console.write(line + "\n") } else { Console.complain(line) }
                worst = max(worst, ExitStatus(error))
            }
        }
        if worst != .ok { throw ExitCode(worst.rawValue) }
    }
}
