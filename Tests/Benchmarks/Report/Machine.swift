import Foundation

/// The machine on which it ran.
struct Machine: Codable {
    var processor: String
    var cores: Int
    var kernel: String
    /// The load averages when it began: what else was going on.
    var load: String
    var at: String

    /// This machine, now.
    init() {
        let information = Self.text("/proc/cpuinfo").split(separator: "\n")
        let model = information.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        processor = (model.map(String.init) ?? "unknown").trimmingCharacters(in: .whitespaces)
        cores = ProcessInfo.processInfo.activeProcessorCount
        kernel = Self.text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
        load = Self.text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
        at = Date.now.formatted(.iso8601)
    }

    var text: String { "\(processor), \(cores) cores, Linux \(kernel), load \(load), \(at)" }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
