import Foundation
import TestSupport

/// All scenes, in their order.
struct Programme {
    private let options: Options
    private let place: Place
    private let thresholds: Thresholds
    private let acts: [Act]

    /// A scene, and how many rounds it has unless told otherwise.
    private struct Act {
        let id: String
        let rounds: Int
        let play: @Sendable (_ rounds: Int, Stage) async throws -> SceneAccount
    }

    /// Finds everything that a run needs.
    ///
    /// - Throws: ``SystemError`` when the program or the data folder is missing.
    init(_ options: Options) throws {
        self.options = options
        func given(_ option: String) throws -> String {
            guard let path = options.places[option] else {
                throw SystemError(message: "\(option) is not given")
            }
            return path
        }
        let data = try given("--data")
        try Files.makeFolder(data)
        let place = Place(
            ledgerdrop: try given("--ledgerdrop"),
            benchmarks: CommandLine.arguments[0],
            duckDBPython: options.places["--duckdb-python"],
            python: "/usr/bin/python3",
            peers: try given("--peers"),
            data: "\(data)/files",
            work: "\(data)/work"
        )
        self.place = place
        thresholds = try Thresholds(path: given("--thresholds"))
        let sizes = options.sizes ?? (options.isQuick ? [10_000] : [10_000, 100_000, 1_000_000])
        acts = sizes.map { size in
            Act(id: "load-\(size)", rounds: 5) { rounds, stage in
                let load = try LoadScene(place, invoices: size)
                try load.prepare()
                return try stage.play(load.scene(rounds: rounds))
            }
        }
    }

    /// The ids of the scenes that were asked for.
    var ids: [String] { acts.map(\.id).filter(options.wants) }

    /// Plays every scene that was asked for.
    func play() async throws -> Report {
        var absent: [String] = []
        if place.duckDBPython == nil { absent.append("DuckDB could not be had from PyPI: no row against it") }
        var report = Report(
            machine: Machine(),
            versions: try versions(),
            absent: absent,
            isQuick: options.isQuick
        )
        let stage = Stage(tell: Benchmarks.tell)
        for act in acts where options.wants(act.id) {
            let rounds = options.rounds ?? (options.isQuick ? 2 : act.rounds)
            var account = try await act.play(rounds, stage)
            for index in account.comparisons.indices { thresholds.judge(&account.comparisons[index]) }
            report.scenes.append(account)
        }
        try place.remove(place.work)
        return report
    }

    private func versions() throws -> [String: String] {
        var versions = [
            "ledgerdrop": try Command(place.ledgerdrop, "--version").run(),
            "sqlite3": String(try Command("/usr/bin/sqlite3", "--version").run().prefix { $0 != " " }),
            "python": try Command(place.python, "--version").run(),
        ]
        if let python = place.duckDBPython {
            versions["duckdb"] = try Command(python, "-c", "import duckdb; print(duckdb.__version__)").run()
        }
        return versions.mapValues { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
