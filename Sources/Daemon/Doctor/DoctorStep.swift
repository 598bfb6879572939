import Ledger

/// One thing that was looked at.
package struct DoctorStep: Sendable, Equatable {
    package enum Outcome: String, Sendable {
        case ok
        /// It works, and somebody should look at it.
        case warning
        case failed
        /// It was not looked at, and ``DoctorStep/found`` says why.
        case skipped
    }

    /// The same word for ever, such as `host_key`.
    package let name: String
    package let outcome: Outcome
    /// What was found, on one line, fit to be shown.
    package let found: String
    /// The one line that mends it; empty when there is nothing to mend.
    package let remedy: String
    /// How a command ends that met this; ``ExitStatus/ok`` but for what failed.
    package let status: ExitStatus

    package static func ok(_ name: String, _ found: String) -> DoctorStep {
        DoctorStep(name, .ok, found, remedy: "", status: .ok)
    }

    package static func warning(_ name: String, _ found: String, remedy: String) -> DoctorStep {
        DoctorStep(name, .warning, found, remedy: remedy, status: .ok)
    }

    package static func failed(
        _ name: String,
        _ found: String,
        remedy: String,
        _ status: ExitStatus
    ) -> DoctorStep {
        DoctorStep(name, .failed, found, remedy: remedy, status: status)
    }

    package static func skipped(_ name: String, because reason: String) -> DoctorStep {
        DoctorStep(name, .skipped, reason, remedy: "", status: .ok)
    }

    private init(_ name: String, _ outcome: Outcome, _ found: String, remedy: String, status: ExitStatus) {
        self.name = name
        self.outcome = outcome
        self.found = DisplayText(found, limit: 2048).escaped
        self.remedy = DisplayText(remedy, limit: 1024).escaped
        self.status = status
    }
}

/// `ledgerdrop doctor`: what was looked at, what was found, and what mends it.
package struct DoctorReport: Report {
    package let steps: [DoctorStep]

    package init(_ steps: [DoctorStep]) { self.steps = steps }

    /// The status furthest down the table; warnings do not count.
    package var status: ExitStatus { steps.map(\.status).max() ?? .ok }

    package var text: String {
        let width = (steps.map(\.name.count).max() ?? 0) + 2
        var text = ""
        for step in steps {
            let name = step.name.replacing("_", with: " ").padded(to: width)
            text += "\(step.outcome.rawValue.padded(to: 9))\(name)\(step.found)\n"
            if !step.remedy.isEmpty { text += "".padded(to: 9 + width) + "-> \(step.remedy)\n" }
        }
        return text + "\n\(summary)\n"
    }

    package var json: String {
        let steps = steps.map { step in
            var members: [(key: String, value: JSONValue)] = [
                ("step", .text(step.name)), ("outcome", .text(step.outcome.rawValue)),
                ("found", .text(step.found)),
            ]
            if !step.remedy.isEmpty { members.append(("remedy", .text(step.remedy))) }
            return JSONValue.object(members)
        }
        return JSONValue.json(of: [
            ("exit", .integer(Int64(status.rawValue))), ("steps", .list(steps)),
        ])
    }

    private var summary: String {
        let counts = [DoctorStep.Outcome.ok, .warning, .failed, .skipped].compactMap { outcome in
            let count = steps.count { $0.outcome == outcome }
            return count > 0 ? "\(count) \(outcome.rawValue)" : nil
        }
        return counts.joined(separator: ", ")
    }
}
