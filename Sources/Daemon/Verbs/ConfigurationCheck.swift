import Ledger

/// `ledgerdrop config check`: everything about a configuration that can be told without a server.
package struct ConfigurationCheck: Report {
    /// Every reason why the daemon would not start with it.
    package let problems: [ConfigurationProblem]
    /// What is worth knowing but in nobody's way.
    package let warnings: [String]
    private let path: String

    package init(path: String) {
        self.path = path
        do {
            let configuration = try Configuration.load(path: path)
            do {
                _ = try Secrets(of: configuration, path: path)
                problems = []
            } catch {
                problems = error.problems
            }
            warnings = Self.warnings(configuration)
        } catch {
            problems = error.problems
            warnings = []
        }
    }

    package var isGood: Bool { problems.isEmpty }

    package var text: String {
        isGood ? "\(DisplayText(path, limit: 4096).escaped): good\n" : problems.map { "\($0)\n" }.joined()
    }

    package var json: String {
        let listed = problems.map { problem in
            JSONValue.object([
                ("file", .text(problem.file)), ("line", .integer(Int64(problem.line))),
                ("column", .integer(Int64(problem.column))), ("message", .text(problem.message)),
            ])
        }
        return JSONValue.json(of: [
            ("good", .flag(isGood)), ("problems", .list(listed)),
            ("warnings", .list(warnings.map { .text($0) })),
        ])
    }

    private static func warnings(_ configuration: Configuration) -> [String] {
        var warnings: [String] = []
        // Without a ledger there is nothing to compare with.
        if let reader = try? DropReader(configuration), (try? reader.recipientsDiffer()) == true {
            warnings.append(
                "alerts.recipients differs from the ledger's list, which counts; see: ledgerdrop recipients list"
            )
        }
        if configuration.alerts.recipients.isEmpty, configuration.mail != nil {
            warnings.append("alerts.recipients names nobody; mails are kept until somebody is added")
        }
        return warnings
    }
}
