import ArgumentParser
import Daemon
import Foundation

/// How much is shown of what a change would come to.
struct DifferenceOptions: ParsableArguments {
    @Flag(help: "With --dry-run: show what changed columns hold now, and what they would hold.")
    var values = false

    @Flag(help: "With --dry-run: list every row, not 100 of each kind.")
    var all = false

    /// How many rows of each kind are listed unless all are wanted.
    static let perKind = 100

    var limit: Int? { all ? nil : Self.perKind }

    /// Shows what would become of a file.
    func show(
        _ file: Int64,
        _ intent: FilePreview.Intent,
        _ drop: DropOptions,
        _ wait: WaitOptions,
        _ output: OutputOptions
    ) async throws {
        guard let patience = wait.limit else {
            throw CommandFailure(.usage, "--dry-run waits for its answer; leave --no-wait out")
        }
        let shown = ProgressLine(isOn: !output.quiet)
        let preview = Request.Preview(
            of: file,
            for: intent,
            perKind: limit,
            showsValues: values,
            form: output.format == .json ? .json : .text
        )
        var status = ExitStatus.ok
        try await WaitOptions.writer(drop, shown).perform(preview, waiting: patience) { answer, rows in
            shown.clear()
            if !answer.problem.isEmpty { Console.complain(answer.problem) }
            status = answer.exit
            guard !answer.text.isEmpty else { return }
            switch output.format {
            case .text:
                Console.write(answer.text)
                try Console.copy(rows)
            case .json:
                Console.write("\(answer.json.dropLast()),\"rows\":[")
                try Console.copy(rows)
                Console.write("]}\n")
            }
        }
        guard status == .ok else { throw ExitCode(status.rawValue) }
    }
}

extension Console {
    /// Writes a file's bytes, piece by piece.
    static func copy(_ path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        while let piece = try file.read(upToCount: 1 << 16), !piece.isEmpty {
            try FileHandle.standardOutput.write(contentsOf: piece)
        }
        try file.close()
    }
}
