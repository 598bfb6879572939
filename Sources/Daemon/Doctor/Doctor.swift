import Foundation
package import Ledger

/// Looks at everything that a drop needs, one thing after the other, and changes nothing.
///
/// What rests on something that failed is not looked at, and says so.
package struct Doctor: Sendable {
    /// What the doctor is told about the machine, so that tests can say something else.
    package struct Surroundings: Sendable {
        /// The room on the disk of a folder; `nil` when it cannot be asked.
        package var room: @Sendable (String) -> DiskRoom? = DiskRoom.of
        package var now: @Sendable () -> Timestamp = { HostTime().now }

        package init() {}
    }

    private let path: String
    private let probesWrite: Bool
    private let surroundings: Surroundings

    /// - Parameters:
    ///   - path: The configuration file.
    ///   - probesWrite: Whether a file of ours may be written to, renamed in and deleted from the inbox.
    ///   - surroundings: The machine.
    package init(path: String, probesWrite: Bool = false, surroundings: Surroundings = Surroundings()) {
        self.path = path
        self.probesWrite = probesWrite
        self.surroundings = surroundings
    }

    /// Looks at everything; blocks for as long as reading the ledger takes.
    package func examine() async -> DoctorReport {
        var steps: [DoctorStep] = []
        let configuration: Configuration
        do {
            configuration = try Configuration.load(path: path)
            let place = DisplayText(path, limit: 4096).escaped
            steps.append(.ok("configuration", "\(place): drop \(configuration.name)"))
        } catch {
            let more = error.problems.count > 1 ? " (and \(error.problems.count - 1) more)" : ""
            steps.append(
                .failed(
                    "configuration",
                    "\(error.problems.first.map { "\($0)" } ?? "cannot be read")\(more)",
                    remedy: "mend the file; see: ledgerdrop config check --config \(path)",
                    .configuration
                )
            )
            let rest = HostExamination.names + ServerExamination.names + TellingExamination.names
            return DoctorReport(
                steps + rest.map { .skipped($0, because: "the configuration cannot be used") }
            )
        }
        var secrets: Secrets?
        do {
            secrets = try Secrets(of: configuration, path: path)
            steps.append(.ok("credentials", Self.credentials(configuration)))
        } catch {
            steps += error.problems.map { problem in
                .failed("credentials", problem.message, remedy: Self.remedy(problem), .configuration)
            }
        }
        // Whatever is looked at from here on is looked at as the service will.
        try? DropOwner.assume(of: configuration)
        let host = HostExamination(configuration, surroundings)
        steps += host.steps()
        let server = ServerExamination(
            configuration,
            secrets: secrets,
            ledger: host.ledger,
            probesWrite: probesWrite,
            now: surroundings.now()
        )
        steps += await server.steps()
        steps += await TellingExamination(configuration, secrets: secrets).steps()
        return DoctorReport(steps)
    }

    private static func credentials(_ configuration: Configuration) -> String {
        let inbox = configuration.inbox
        let names = [inbox.identity, inbox.passphrase, inbox.password, configuration.mail?.password]
            .compactMap(\.self)
        return names.isEmpty ? "none are needed" : "\(names.joined(separator: ", ")): there, and ours alone"
    }

    private static func remedy(_ problem: ConfigurationProblem) -> String {
        let run = problem.message.range(of: "run: ").map { String(problem.message[$0.upperBound...]) }
        return run ?? "put the secret there, readable by its owner alone, or give it to the unit"
    }
}

extension Configuration {
    /// How the drop is named on a command line.
    var dropOption: String { "--drop \(name)" }
}
