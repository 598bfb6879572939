import ArgumentParser
import Daemon
import Foundation

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// How a command tells what it found.
struct OutputOptions: ParsableArguments {
    @Option(help: "The form of the output: text or json.")
    var format: OutputFormat = .text

    @Flag(name: .shortAndLong, help: "Print nothing but data and errors.")
    var quiet = false

    /// The only place where the forms of output part.
    func print(_ report: some Report) {
        switch format {
        case .text: Console.write(report.text)
        case .json: Console.write(report.json + "\n")
        }
    }

    /// Tells what became of a request, and ends with its status.
    func finish(_ answer: Answer) throws {
        if !answer.problem.isEmpty { Console.complain(answer.problem) }
        if answer.exit == .ok || !answer.text.isEmpty {
            switch format {
            case .text: if !quiet { Console.write(answer.text) }
            case .json: Console.write(answer.json + "\n")
            }
        }
        guard answer.exit == .ok else { throw ExitCode(answer.exit.rawValue) }
    }
}

/// Standard output for data, standard error for everything else.
enum Console {
    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    static func write(bytes: [UInt8]) {
        FileHandle.standardOutput.write(Data(bytes))
    }

    static func complain(_ text: String) {
        let end = text.hasSuffix("\n") ? "" : "\n"
        FileHandle.standardError.write(Data((text + end).utf8))
    }
}
