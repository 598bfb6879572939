import Foundation
import Glibc
import TestSupport

/// The daemon between two slots: what it holds and how often it wakes.
struct IdleDaemon {
    let place: Place
    let wire: Wire
    let book: Book
    /// How long it is watched.
    let seconds: Int

    func watch(_ stage: Stage) async throws -> SceneAccount {
        stage.tell("The idle daemon, watched for twice \(seconds) s")
        var drop = Drop(place, on: wire.server, port: wire.port)
        // The next slot is half an hour away, so that none falls into what is watched.
        let minute = (Calendar(identifier: .gregorian).component(.minute, from: .now) + 30) % 60
        drop.schedule = "quiet_period: 0s, minute: \(minute), catch_up: false"
        try drop.layOut()
        try Command("/bin/rm", "-rf", wire.pool).run()
        for (table, type) in [
            (DataFile.Table.subsidiaries, SubsidiaryRows.type), (.customers, CustomerRows.type),
            (.invoices, InvoiceRows.type),
        ] {
            try Files.makeFolder("\(wire.pool)/\(type)/pending")
            let file = try book.path(DataFile(table))
            try place.copy(file, to: "\(wire.pool)/\(type)/pending/\(type)-2026-11-20.csv")
        }
        let first = try await start(drop)
        try wire.restore()
        try drop.poll.run()
        let loaded = try place.query(drop.ledger, "SELECT count(*) FROM open_invoices")
        guard loaded == ["\(book.invoices)"] else {
            throw SystemError(message: "the daemon loaded \(loaded)")
        }
        let peak = try figure("VmHWM", of: first.processID)
        let settled = try await look(at: first.processID)
        first.signal(SIGTERM)
        _ = try await first.wait()
        // Most daemons live on a ledger that was there before them.
        let second = try await start(drop)
        let restarted = try await look(at: second.processID)
        second.signal(SIGTERM)
        _ = try await second.wait()
        return account(settled: settled, restarted: restarted, peak: peak)
    }

    private func start(_ drop: Drop) async throws -> ChildProcess {
        let before = try starts(drop)
        let daemon = try ChildProcess(
            [place.ledgerdrop, "run", "--config", drop.configuration],
            output: wire.server.folder.path("daemon"),
            errors: wire.server.folder.path("daemon.errors")
        )
        try await poll("the daemon's start") {
            guard daemon.isRunning else {
                throw SystemError(message: try wire.server.folder.text("daemon.errors"))
            }
            return try starts(drop) > before ? true : nil
        }
        return daemon
    }

    /// How often a daemon has started on the drop's ledger.
    private func starts(_ drop: Drop) throws -> Int {
        guard Files.exists(drop.ledger) else { return 0 }
        // The tables may not be there yet.
        let told = try? place.query(drop.ledger, "SELECT 1 FROM events WHERE event = 'daemon.started'")
        return told?.count ?? 0
    }

    private struct Look {
        var memory: Double
        var wakeUps: Double
    }

    /// Watches a process that nobody asks anything of.
    private func look(at process: pid_t) async throws -> Look {
        // What still follows a start or a run is not idleness.
        try await Task.sleep(for: .seconds(10))
        let before = try switches(of: process)
        try await Task.sleep(for: .seconds(seconds))
        let after = try switches(of: process)
        let count = after.reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) }
        return Look(
            memory: try figure("VmRSS", of: process),
            wakeUps: Double(count) * 60 / Double(seconds)
        )
    }

    /// The voluntary context switches of each thread so far: each is a wait that will end in a wake-up.
    private func switches(of process: pid_t) throws -> [String: Int] {
        var found: [String: Int] = [:]
        for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task") {
            found[thread] = Int(try line("voluntary_ctxt_switches", of: "\(process)/task/\(thread)"))
        }
        return found
    }

    /// A size in the status of a process, in bytes.
    private func figure(_ name: String, of process: pid_t) throws -> Double {
        let text = try line(name, of: "\(process)").split(separator: " ").first.map(String.init) ?? ""
        guard let kilobytes = Double(text) else { throw SystemError(message: "\(name) is \(text)") }
        return kilobytes * 1024
    }

    private func line(_ name: String, of process: String) throws -> String {
        let text = String(decoding: try TemporaryFolder.read("/proc/\(process)/status"), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return (line?.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)) ?? ""
    }

    private func account(settled: Look, restarted: Look, peak: Double) -> SceneAccount {
        let after = "after a run of \(Table.count(book.invoices)) invoices"
        func figure(_ id: String, _ title: String, _ unit: String, _ value: Double) -> ComparisonAccount? {
            Spread([value]).map { spread in
                ComparisonAccount(
                    id: id,
                    title: title,
                    compares: "`ledgerdrop run` on an SFTP inbox, watched for \(seconds) s from /proc",
                    quantity: unit == "bytes" ? "memory, MB" : "wake-ups a minute",
                    unit: unit,
                    value: spread,
                    rounds: 1
                )
            }
        }
        return SceneAccount(
            id: "idle",
            title: "The idle daemon: resident memory, and voluntary context switches of all its threads",
            contenders: [],
            comparisons: [
                figure("idle-memory", "idle daemon, \(after)", "bytes", settled.memory),
                figure("idle-wakeups", "idle daemon, \(after)", "a minute", settled.wakeUps),
                figure("idle-memory-restarted", "idle daemon, started again", "bytes", restarted.memory),
                figure("idle-wakeups-restarted", "idle daemon, started again", "a minute", restarted.wakeUps),
                figure("daemon-peak", "the daemon's peak in that run", "bytes", peak),
            ].compactMap { $0 }
        )
    }
}
