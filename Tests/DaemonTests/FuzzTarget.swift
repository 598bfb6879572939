import Daemon

/// What a fuzzer tries on the decoder of configurations, and what the tests repeat with everything that is kept of its
/// finds.
enum FuzzTarget {
    private static let known = RecordNames([
        "subsidiaries": ["subsidiary_id", "name"],
        "open_invoices": ["invoice_id", "invoice_date", "due_date"],
        "payment_receipts": ["payment_id"],
    ])

    /// Says what is wrong with how the input was decoded; `nil` when all is well.
    static func finding(in input: [UInt8]) -> String? {
        guard let yaml = String(validating: input, as: UTF8.self) else { return nil }
        do throws(ConfigurationRefused) {
            let read = try Configuration.parse(yaml, file: "f", known: known)
            return finding(in: read)
        } catch {
            let lines =
                1 + yaml.unicodeScalars.count { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }
            return error.problems.isEmpty
                ? "refused without a problem"
                : error.problems.lazy.compactMap { finding(in: $0, lines: lines) }.first
        }
    }

    /// What an operator may not be shown.
    private static func finding(in problem: ConfigurationProblem, lines: Int) -> String? {
        if problem.message.isEmpty { return "a problem without words" }
        if problem.message.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "a message with control characters: \(problem.message.debugDescription)"
        }
        if problem.message.utf8.count > 2000 { return "a message of \(problem.message.utf8.count) bytes" }
        // The end of a text counts as a line of its own.
        if !(0...lines + 1).contains(problem.line) || problem.column < 0 {
            return "no such place: \(problem)"
        }
        return nil
    }

    /// What no configuration that is taken may hold.
    private static func finding(in read: Configuration) -> String? {
        let limits = read.limits
        let bounds: [(String, Bool)] = [
            ("name", !read.name.isEmpty && read.name.utf8.count <= 64),
            ("state_directory", read.stateDirectory.hasPrefix("/")),
            ("schedule.minute", (0..<60).contains(read.schedule.minute)),
            ("schedule.quiet_period", (.zero ... .seconds(600)).contains(read.schedule.quietPeriod)),
            ("guard", (0...1).contains(read.loading.truncationGuard.share)),
            (
                "limits",
                limits.fileBytes > 0 && limits.columns > 0 && limits.fieldBytes > 0 && limits.filesPerRun > 0
                    && limits.freeBytes >= 0
            ),
            ("inbox.timeouts", read.inbox.stepTimeout > .zero && read.inbox.connectTimeout > .zero),
            ("spool.keep", read.spoolKeep > .zero),
        ]
        return bounds.first { !$0.1 }.map { "\($0.0) is out of bounds" }
    }
}
