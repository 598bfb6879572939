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
        try Files.makeFolder("\(data)/files")
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
        acts = Self.acts(options, place)
    }

    private static func acts(_ options: Options, _ place: Place) -> [Act] {
        let isQuick = options.isQuick
        let sizes = options.sizes ?? (isQuick ? [10_000] : [10_000, 100_000, 1_000_000])
        var acts = sizes.map { size in
            Act(id: "load-\(size)", rounds: 5) { rounds, stage in
                let load = try LoadScene(place, invoices: size)
                try load.prepareCustomers()
                try load.prepareDay()
                return try stage.play(load.scene(rounds: rounds))
            }
        }
        acts.append(
            Act(id: "split", rounds: 7) { rounds, stage in
                let book = try Book(invoices: isQuick ? 10_000 : 1_000_000, in: place.data)
                return try stage.play(SplitScene(place: place, book: book).scene(rounds: rounds))
            }
        )
        acts.append(
            Act(id: "scale", rounds: 3) { rounds, stage in
                let sizes = isQuick ? (2_000, 10_000) : (100_000, 4_000_000)
                return try stage.play(
                    ScaleScene(place, small: sizes.0, large: sizes.1).scene(rounds: rounds)
                )
            }
        )
        acts.append(
            Act(id: "owned", rounds: 5) { rounds, stage in
                let book = try Book(
                    invoices: isQuick ? 5_000 : 500_000,
                    customers: isQuick ? 1_000 : 150_000,
                    in: place.data
                )
                return try stage.play(OwnedScene(place, book).scene(rounds: rounds))
            }
        )
        let memory = place.inMemory
        for roundTrip in [0, 40] {
            let suffix = roundTrip == 0 ? "" : "-\(roundTrip)ms"
            /// A scene at this distance; the server goes with it.
            func act(_ id: String, _ play: @escaping @Sendable (Wire, Int, Stage) throws -> SceneAccount)
                -> Act
            {
                Act(id: id + suffix, rounds: 5) { rounds, stage in
                    let wire = try await Wire.lay(place, roundTrip: roundTrip)
                    defer { wire.stop() }
                    return try play(wire, rounds, stage)
                }
            }
            acts.append(
                act("transfer-big") { wire, rounds, stage in
                    let size = isQuick ? 32 << 20 : 512 << 20
                    return try stage.play(TransferScene(memory, wire, .big(size)).scene(rounds: rounds))
                }
            )
            acts.append(
                act("transfer-many") { wire, rounds, stage in
                    let count = (isQuick ? 200 : 2_000) / (roundTrip == 0 ? 1 : 10)
                    return try stage.play(TransferScene(memory, wire, .many(count)).scene(rounds: rounds))
                }
            )
            acts.append(
                act("listing") { wire, rounds, stage in
                    let listing = try ListingScene(memory, wire, entries: isQuick ? 2_000 : 20_000)
                    return try stage.play(listing.scene(rounds: rounds))
                }
            )
            if roundTrip == 0 {
                acts.append(
                    act("entries") { wire, _, stage in
                        let listing = try ListingScene(memory, wire, entries: isQuick ? 2_000 : 20_000)
                        return try stage.play(listing.wholeScene(rounds: 1))
                    }
                )
            } else {
                acts.append(
                    act("second-day") { wire, rounds, stage in
                        let book = try Book(
                            invoices: isQuick ? 1_000 : 11_000,
                            customers: isQuick ? 2_000 : 150_000,
                            in: place.data
                        )
                        return try stage.play(SecondDayScene(place, wire, book).scene(rounds: rounds))
                    }
                )
            }
        }
        acts.append(
            Act(id: "idle", rounds: 1) { _, stage in
                let wire = try await Wire.lay(place, roundTrip: 0)
                defer { wire.stop() }
                let book = try Book(invoices: isQuick ? 10_000 : 100_000, in: place.data)
                return try await IdleDaemon(place: place, wire: wire, book: book, seconds: isQuick ? 15 : 150)
                    .watch(stage)
            }
        )
        acts.append(
            Act(id: "page", rounds: 1) { _, stage in
                let page = PageScene(
                    place: place,
                    files: isQuick ? 1_000 : 100_000,
                    invoices: isQuick ? 10_000 : 1_000_000,
                    requests: isQuick ? 20 : 500
                )
                return try page.play(stage)
            }
        )
        return acts
    }

    /// The ids of the scenes that were asked for.
    var ids: [String] { acts.map(\.id).filter(options.wants) }

    /// Plays every scene that was asked for.
    func play() async throws -> Report {
        var absent: [String] = []
        if place.duckDBPython == nil { absent.append("DuckDB could not be had from PyPI: no row against it") }
        for peer in ["lftp", "rclone"] where !Place.has(peer) {
            absent.append("\(peer) could not be had from Debian: no row against it")
        }
        var report = Report(
            machine: Machine(),
            versions: try versions(),
            absent: absent,
            isQuick: options.isQuick
        )
        // What a benchmark left that was killed.
        try place.remove(place.work)
        try place.leaveMemory()
        let stage = Stage(tell: Benchmarks.tell, memory: ReadyMemory(folder: place.data))
        for act in acts where options.wants(act.id) {
            let rounds = options.rounds ?? (options.isQuick ? 2 : act.rounds)
            do {
                var account = try await act.play(rounds, stage)
                for index in account.comparisons.indices { thresholds.judge(&account.comparisons[index]) }
                report.scenes.append(account)
            } catch {
                // The other scenes are worth having all the same.
                Benchmarks.tell("\(act.id) failed: \(error)")
                report.failures.append("\(act.id): \(error)")
            }
            try place.remove(place.work)
        }
        try place.leaveMemory()
        if var peak = report.peak {
            for index in peak.comparisons.indices { thresholds.judge(&peak.comparisons[index]) }
            report.scenes.append(peak)
        }
        if options.patterns.isEmpty, options.sizes == nil, !options.isQuick {
            let known = Set(report.scenes.flatMap(\.comparisons).map(\.id))
            report.unmeasured = thresholds.thresholds.keys.filter { !known.contains($0) }.sorted()
        }
        return report
    }

    private func firstLine(_ program: String) throws -> String {
        guard Files.exists(program) else { return "absent" }
        return String(try Command(program, "--version").run().prefix { $0 != "\n" })
    }

    private func versions() throws -> [String: String] {
        var versions = [
            "ledgerdrop": try Command(place.ledgerdrop, "--version").run(),
            "sqlite3": String(try Command("/usr/bin/sqlite3", "--version").run().prefix { $0 != " " }),
            "lftp": try firstLine("/usr/bin/lftp"),
            "rclone": try firstLine("/usr/bin/rclone"),
            "openssh": try Command("/usr/bin/ssh", "-V").run(),
            "sftp cipher": Wire.cipher,
            "transfers go to": place.inMemory.work == place.work
                ? "the disk" : "memory (tmpfs), for everybody",
            "python": try Command(place.python, "--version").run(),
        ]
        if let python = place.duckDBPython {
            versions["duckdb"] = try Command(python, "-c", "import duckdb; print(duckdb.__version__)").run()
        }
        versions["delay"] = """
            a proxy that holds every byte 20 ms in each direction and the connection 40 ms: no loss, no limit of bandwidth, up \
            to 1,024 blocks on their way
            """
        return versions.mapValues { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
