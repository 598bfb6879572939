import Foundation

/// Everything that a run of the benchmark found.
struct Report: Codable {
    var machine: Machine
    /// The versions of everybody who took part.
    var versions: [String: String]
    /// Peers that could not take part, and what is not shown for that.
    var absent: [String]
    /// Whether sizes and rounds were cut down, so that nothing here can be held against a threshold.
    var isQuick: Bool
    var scenes: [SceneAccount] = []
    /// Scenes of which there are no figures since a contender failed or did its work wrongly.
    var failures: [String] = []
    /// Thresholds for which there is no figure, though all were asked for.
    var unmeasured: [String] = []

    /// The comparisons that missed what must be reached.
    var missed: [ComparisonAccount] { scenes.flatMap(\.comparisons).filter { $0.verdict == .missed } }

    /// The greatest memory that our program held in any scene, and in which; `nil` when it took part in none.
    var peak: SceneAccount? {
        var candidates: [(what: String, bytes: Double)] = []
        for scene in scenes {
            for one in scene.contenders where one.name.hasPrefix("ledgerdrop") {
                candidates.append(("\(one.name) in \(scene.id)", one.memory.most))
            }
            for one in scene.comparisons where one.id == "daemon-peak" {
                candidates.append((one.title, one.value.most))
            }
        }
        guard let most = candidates.max(by: { $0.bytes < $1.bytes }), let spread = Spread([most.bytes]) else {
            return nil
        }
        let account = ComparisonAccount(
            id: "peak-memory",
            title: "peak resident memory, \(most.what)",
            compares: "the greatest of \(candidates.count) kinds of runs",
            quantity: "memory, MB",
            unit: "bytes",
            value: spread,
            rounds: 1
        )
        return SceneAccount(
            id: "peak-memory",
            title: "Peak resident memory over all scenes",
            contenders: [],
            comparisons: [account]
        )
    }

    /// The whole as text: what was compared first, then each scene, then what is held against thresholds.
    var text: String {
        let chapters =
            [heading] + scenes.map(chapter) + [verdicts] + absent.map { "not shown: \($0)" }
            + failures.map { "FAILED: \($0)" } + unmeasured.map { "not measured: \($0)" }
        return chapters.joined(separator: "\n\n") + "\n"
    }

    private var heading: String {
        (["\(machine.text)"] + versions.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
            .joined(separator: "\n")
    }

    private func chapter(_ scene: SceneAccount) -> String {
        var parts = ["== \(scene.title)"]
        if !scene.contenders.isEmpty {
            var table = Table(header: ["contender", "CPU", "wall", "wall min-max", "peak memory"])
            for contender in scene.contenders {
                table.add([
                    contender.name, Table.seconds(contender.cpu.median), Table.seconds(contender.wall.median),
                    "\(Table.seconds(contender.wall.least)) - \(Table.seconds(contender.wall.most))",
                    Table.megabytes(contender.memory.most),
                ])
            }
            parts.append(table.text)
        }
        if !scene.comparisons.isEmpty { parts.append(comparisons(scene.comparisons)) }
        // Contenders that do the same are told together.
        var does: [(names: [String], what: String)] = []
        for contender in scene.contenders {
            if let known = does.firstIndex(where: { $0.what == contender.does }) {
                does[known].names.append(contender.name)
            } else {
                does.append(([contender.name], contender.does))
            }
        }
        let lines = does.map { "   \($0.names.joined(separator: "; ")): \($0.what)" }
        if !lines.isEmpty { parts.append("What each does:\n" + lines.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private func comparisons(_ comparisons: [ComparisonAccount]) -> String {
        var table = Table(header: ["comparison", "of", "median", "min - max", "rounds", "compares"])
        for one in comparisons {
            table.add([
                one.title, one.quantity, one.figure(one.value.median),
                "\(one.figure(one.value.least)) - \(one.figure(one.value.most))", "\(one.rounds)",
                one.compares,
            ])
        }
        return table.text
    }

    private var verdicts: String {
        let judged = scenes.flatMap(\.comparisons).filter { $0.verdict != nil }
        guard !judged.isEmpty else { return "== Nothing here has a threshold." }
        var table = Table(header: ["work", "of", "median", "min - max", "reach", "aim", "verdict"])
        for one in judged {
            table.add([
                one.title, one.quantity, one.figure(one.value.median),
                "\(one.figure(one.value.least)) - \(one.figure(one.value.most))",
                one.reach.map(one.figure) ?? "", one.aim.map(one.figure) ?? "", one.verdict?.rawValue ?? "",
            ])
        }
        return "== Against the thresholds" + (isQuick ? " (cut down: not to be relied on)" : "") + "\n\n"
            + table.text
    }

    /// The whole as JSON.
    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try encoder.encode(self)
        }
    }
}

extension ComparisonAccount {
    /// A value of it as the table shows it.
    func figure(_ value: Double) -> String {
        switch unit {
        case "ratio": Table.ratio(value)
        case "bytes": Table.megabytes(value)
        default: String(format: "%.1f", value)
        }
    }
}
