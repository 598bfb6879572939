import Foundation
import Glibc
import TestSupport

/// Measures the shipped program against others that do such work, whole processes side by side.
///
/// Some of its own verbs are contenders: they do one part of the work with the shipped modules where no verb of the
/// program does that part alone.
@main
struct Benchmarks {
    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        // A client that goes away while a proxy writes to it is no reason to die.
        signal(SIGPIPE, SIG_IGN)
        do {
            switch words.isEmpty ? "" : words.removeFirst() {
            case "run": exit(try await run(words))
            case "split": try SplitVerb.run(words)
            case "list": try await ListVerb.run(words)
            case "proxy": try DelayingProxy.run(words)
            default: complain("a verb is wanted: run, split, list, proxy", status: 64)
            }
        } catch {
            complain("\(error)", status: 70)
        }
    }

    private static func run(_ words: [String]) async throws -> CInt {
        let options: Options
        do { options = try Options(words) } catch {
            complain("\(error)\n\(Options.help)", status: 64)
        }
        let program = try Programme(options)
        if options.lists {
            print(program.ids.joined(separator: "\n"))
            return 0
        }
        let report = try await program.play()
        print(report.text)
        if let json = options.json { try report.json.write(to: URL(fileURLWithPath: json)) }
        for missed in report.missed where options.checks {
            tell("missed: \(missed.title) (\(missed.id)): \(missed.figure(missed.value.median))")
        }
        if !report.failures.isEmpty { return 70 }
        return options.checks && !(report.missed.isEmpty && report.unmeasured.isEmpty) ? 1 : 0
    }

    /// Tells how it goes, apart from the report.
    static func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

    private static func complain(_ text: String, status: CInt) -> Never {
        tell(text)
        exit(status)
    }
}
