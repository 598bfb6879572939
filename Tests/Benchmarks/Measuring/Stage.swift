import Glibc
import TestSupport

/// Runs scenes, round by round.
struct Stage {
    /// Where progress is told.
    let tell: (String) -> Void
    /// Prepared before each run of a load or a fetch.
    let memory: ReadyMemory

    /// Runs every contender once a round and compares within the rounds.
    ///
    /// - Throws: What was wrong with the work of a contender: a time without the work counts nothing.
    func play(_ scene: Scene) throws -> SceneAccount {
        tell(
            "\(scene.title): \(scene.rounds) rounds of \(scene.contenders.map(\.name).joined(separator: ", "))"
        )
        var samples: [String: [Sample]] = [:]
        for round in 0..<scene.rounds {
            // Every other round backwards, so that nobody always follows the same neighbour.
            let order = round % 2 == 0 ? scene.contenders : scene.contenders.reversed()
            for contender in order {
                let runs = try (0..<contender.repeats).map { _ in
                    try perform(contender, round: round)
                }
                let middle = runs.sorted { $0.usage.cpu < $1.usage.cpu }[runs.count / 2]
                samples[contender.name, default: []].append(middle)
            }
            let line = scene.contenders.compactMap { contender -> String? in
                guard let usage = samples[contender.name]?.last?.usage else { return nil }
                let times = [usage.wall, usage.cpu, usage.system].map(Table.seconds)
                return "\(contender.name) \(times[0]) (CPU \(times[1]), \(times[2]) of it in the kernel)"
            }
            tell("  round \(round + 1): " + line.joined(separator: " · "))
        }
        return SceneAccount(
            id: scene.id,
            title: scene.title,
            contenders: scene.contenders.compactMap { account($0, samples[$0.name] ?? []) },
            comparisons: scene.comparisons.compactMap { compare($0, samples, rounds: scene.rounds) }
        )
    }

    private func perform(_ contender: Contender, round: Int) throws -> Sample {
        do {
            var command = try contender.prepare()
            let folder = try TemporaryFolder("bench-said")
            command.output = folder.path("out")
            sync()
            try memory.prepare(forFileOf: contender.fileBytes)
            var began = timespec()
            clock_gettime(CLOCK_REALTIME, &began)
            let usage = try command.measure()
            let said = try folder.text("out")
            guard contender.statuses.contains(usage.status) else {
                throw SystemError(message: "ended with \(usage.status): \(said.suffix(2000))")
            }
            let seconds = Double(began.tv_sec) + Double(began.tv_nsec) / 1e9
            let performance = Performance(isFirst: round == 0, began: seconds, said: said)
            return Sample(usage: usage, marks: try contender.judge(performance))
        } catch {
            throw SystemError(message: "\(contender.name): \(error)")
        }
    }

    private func account(_ contender: Contender, _ samples: [Sample]) -> ContenderAccount? {
        guard let cpu = Spread(samples.map(\.usage.cpu)), let wall = Spread(samples.map(\.usage.wall)),
            let memory = Spread(samples.map { Double($0.usage.memory) })
        else { return nil }
        var marks: [String: Spread] = [:]
        for name in Set(samples.flatMap(\.marks.keys)) {
            marks[name] = Spread(samples.compactMap { $0.marks[name] })
        }
        return ContenderAccount(
            name: contender.name,
            does: contender.does,
            cpu: cpu,
            wall: wall,
            memory: memory,
            marks: marks
        )
    }

    private func compare(
        _ comparison: Comparison,
        _ samples: [String: [Sample]],
        rounds: Int
    ) -> ComparisonAccount? {
        let ours = samples[comparison.ours] ?? []
        let theirs = samples[comparison.theirs] ?? []
        var deducted = ours.map { _ in 0.0 }
        if let name = comparison.without, let others = samples[name] {
            deducted = others.map { $0.value(comparison.quantity) ?? 0 }
        }
        let ratios = zip(zip(ours, theirs), deducted).compactMap { pair, off -> Double? in
            guard let our = pair.0.value(comparison.quantity),
                let their = pair.1.value(comparison.quantity.ofPeer), their > off
            else { return nil }
            let work = comparison.withoutFrom == .both ? our - off : our
            return work / (their - off) * comparison.scale
        }
        guard let value = Spread(ratios) else { return nil }
        return ComparisonAccount(
            id: comparison.id,
            title: comparison.title,
            compares: "\(comparison.ours) / \(comparison.theirs)"
                + (comparison.without.map { ", without \($0)" } ?? ""),
            quantity: comparison.quantity.name,
            unit: "ratio",
            value: value,
            rounds: rounds
        )
    }
}

extension Quantity {
    /// A moment within our run is compared with the whole of a peer that does nothing after it.
    fileprivate var ofPeer: Quantity {
        if case .mark = self { .wall } else { self }
    }
}
