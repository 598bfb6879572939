import GRDB
import Glibc
import Ingestion
import Intake
import Ledger
import Synchronization
import TestSupport
import Testing

/// A drop on this machine with everything that makes its runs: an inbox, a ledger, a spool, and a clock of its own.
final class RunBench: Sendable {
    let folder: TemporaryFolder
    let ledger: Ledger
    let spool: Spool
    let inbox: FaultyInbox
    let clock = BenchClock()

    init() throws {
        folder = try TemporaryFolder("run")
        try folder.makeFolder("inbox")
        try folder.makeFolder("state")
        ledger = try Ledger.open(
            path: folder.path("state/ledger.sqlite"),
            drop: .init(name: "acme", inboxURL: "file:///inbox"),
            owner: "bench",
            time: clock.now
        )
        spool = try Spool(folder: folder.path("state/spool"))
        inbox = FaultyInbox(FolderInbox(path: folder.path("inbox")))
    }

    /// Puts a file into the inbox, its folder with it.
    func put(_ text: String, _ path: String, modified: Int = 1_700_000_000) throws {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        if !parent.isEmpty { try folder.makeFolder("inbox/\(parent)") }
        try folder.write(text, to: "inbox/\(path)")
        var times = [timespec(tv_sec: modified, tv_nsec: 0), timespec(tv_sec: modified, tv_nsec: 0)]
        utimensat(AT_FDCWD, folder.path("inbox/\(path)"), &times, 0)
    }

    func contains(_ path: String) -> Bool { folder.contains("inbox/\(path)") }

    func text(_ path: String) throws -> String { try folder.text("inbox/\(path)") }

    /// A run with the real loader, unless steps of the test's own are given.
    func run(
        _ change: (inout RunSettings) -> Void = { _ in },
        steps: RunSteps? = nil,
        stop: RunStop = RunStop()
    ) -> Run {
        let settings = settings(change)
        var loading = LoadSettings()
        switch settings.after {
        case .move: loading.after = .move
        case .leave: loading.after = .leave
        case .delete: loading.after = .delete
        }
        let loader = Loader(ledger: ledger, settings: loading)
        return Run(
            ledger: ledger,
            inbox: inbox,
            spool: spool,
            settings: settings,
            steps: steps ?? RunSteps(loader, now: { [clock] in clock.now }),
            clock: clock.asRunClock,
            stop: stop
        )
    }

    func settings(_ change: (inout RunSettings) -> Void = { _ in }) -> RunSettings {
        var settings = RunSettings()
        settings.freeBytes = 0
        change(&settings)
        return settings
    }

    /// Serves the next hour.
    @discardableResult
    func serve(
        _ change: (inout RunSettings) -> Void = { _ in },
        steps: RunSteps? = nil,
        stop: RunStop = RunStop()
    ) async throws -> RunOutcome {
        let slot = clock.nextHour()
        let outcome = try await run(change, steps: steps, stop: stop).serve(.slot, slot: slot)
        return try #require(outcome)
    }

    func disposer(_ change: (inout RunSettings) -> Void = { _ in }) -> Disposer {
        Disposer(
            ledger: ledger,
            inbox: inbox,
            spool: spool,
            settings: settings(change),
            clock: clock.asRunClock,
            stop: RunStop()
        )
    }

    /// What a query gives, a line a row, its columns with a blank between.
    func lines(_ sql: String) throws -> [String] {
        try ledger.pool.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    value.isNull ? "-" : String.fromDatabaseValue(value) ?? "\(value)"
                }
                .joined(separator: " ")
            }
        }
    }

    /// Name, state and reason of every file.
    func files() throws -> [String] {
        try lines("SELECT name, state, reason FROM files ORDER BY file_id")
    }

    /// How often events happened, those of the mails and incidents aside.
    func count(_ event: EventName) throws -> Int {
        try ledger.pool.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM event WHERE event = ?",
                arguments: [event.rawValue]
            ) ?? 0
        }
    }
}

/// A clock that moves only when somebody waits, or when the test says so.
final class BenchClock: Sendable {
    private struct State {
        // 2026-01-05T09:30:00Z
        var milliseconds: Int64 = 1_767_605_400_000
        var uptime = Duration.seconds(1000)
        var slept: [Duration] = []
        var onSleep: (@Sendable () throws -> Void)?
    }

    private let state = Mutex(State())

    var now: Timestamp { Timestamp(milliseconds: state.withLock { $0.milliseconds }) }
    var slept: [Duration] { state.withLock { $0.slept } }

    /// What happens while somebody waits.
    func onSleep(_ body: (@Sendable () throws -> Void)?) { state.withLock { $0.onSleep = body } }

    func pass(_ duration: Duration) {
        state.withLock { state in
            state.milliseconds += Int64(duration / .milliseconds(1))
            state.uptime += duration
        }
    }

    /// Moves to the next full hour.
    func nextHour() -> Timestamp {
        let slot = Timestamp(milliseconds: (now.milliseconds / 3_600_000 + 1) * 3_600_000)
        pass(.milliseconds(slot.milliseconds - now.milliseconds))
        return slot
    }

    var asRunClock: RunClock {
        RunClock(
            now: { self.now },
            uptime: { self.state.withLock { $0.uptime } },
            sleep: { duration in
                self.pass(duration)
                let body = self.state.withLock { state in
                    state.slept.append(duration)
                    return state.onSleep
                }
                try body?()
            }
        )
    }
}

/// An inbox that does as a real one does, but for the faults that a test asks for.
final class FaultyInbox: Inbox {
    enum Call: Sendable, Equatable {
        case list
        case fetch
        case move
        case remove
        case upload
        case look
    }

    private struct State {
        var calls: [Call] = []
        /// Thrown instead of doing what was asked.
        var before: @Sendable (Call) -> InboxFailure? = { _ in nil }
        /// Thrown although it was done: a reply that was lost.
        var after: @Sendable (Call) -> InboxFailure? = { _ in nil }
        var refused: Set<RemoteName> = []
        var during: @Sendable (Call) async -> Void = { _ in }
    }

    private let real: any Inbox
    private let state = Mutex(State())

    init(_ real: any Inbox) { self.real = real }

    func before(_ fault: @escaping @Sendable (Call) -> InboxFailure?) { state.withLock { $0.before = fault } }
    func after(_ fault: @escaping @Sendable (Call) -> InboxFailure?) { state.withLock { $0.after = fault } }
    /// What each call waits for once it has begun.
    func during(_ body: @escaping @Sendable (Call) async -> Void) { state.withLock { $0.during = body } }
    func refuse(_ names: Set<RemoteName>) { state.withLock { $0.refused = names } }
    func heal() {
        before { _ in nil }
        after { _ in nil }
        refuse([])
    }

    func count(_ call: Call) -> Int { state.withLock { state in state.calls.filter { $0 == call }.count } }

    private func begin(_ call: Call) throws(InboxFailure) {
        let fault = state.withLock { state in
            state.calls.append(call)
            return state.before
        }
        if let failure = fault(call) { throw failure }
    }

    private func end(_ call: Call) throws(InboxFailure) {
        let fault = state.withLock { $0.after }
        if let failure = fault(call) { throw failure }
    }

    func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]] {
        try begin(.list)
        let listing = try await real.list(directories)
        try end(.list)
        return listing
    }

    func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure) {
        do {
            try begin(.fetch)
        } catch {
            for entry in entries { await finished(entry, .failure(error)) }
            throw error
        }
        let refused = state.withLock { $0.refused }
        for entry in entries where refused.contains(entry.name) {
            await finished(entry, .failure(.permission("permission denied")))
        }
        try await real.fetch(
            entries.filter { !refused.contains($0.name) },
            into: sink,
            finished: finished
        )
        try end(.fetch)
    }

    func move(_ entry: InboxEntry, to destination: RemotePath) async throws(InboxFailure) {
        try begin(.move)
        await state.withLock { $0.during }(.move)
        try await real.move(entry, to: destination)
        try end(.move)
    }

    func remove(_ entry: InboxEntry) async throws(InboxFailure) {
        try begin(.remove)
        try await real.remove(entry)
        try end(.remove)
    }

    func upload(_ contents: UploadContents, to destination: RemotePath) async throws(InboxFailure) {
        try begin(.upload)
        try await real.upload(contents, to: destination)
        try end(.upload)
    }

    func makeDirectory(_ path: RemotePath) async throws(InboxFailure) { try await real.makeDirectory(path) }

    func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry? {
        try begin(.look)
        return try await real.look(at: path)
    }

    func close() async { await real.close() }
}
