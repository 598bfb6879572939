import Foundation
import Synchronization
import TestSupport
import Testing

/// How long the harnesses of `Torture/` run: a sample beside the other tests, everything under `deploy/torture`.
enum Torture {
    /// Set by `deploy/torture`.
    static let isLong = ProcessInfo.processInfo.environment["TORTURE"] != nil

    /// The number that the environment sets under this name, else the one for a long or a short run.
    static func number(_ name: String, long: Int, short: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? (isLong ? long : short)
    }

    /// Whether a kind of calls is to be swept: all are, unless `TORTURE_KINDS` names some.
    static func wants(_ kind: String) -> Bool {
        ProcessInfo.processInfo.environment["TORTURE_KINDS"]?.split(separator: ",").contains { $0 == kind }
            ?? true
    }

    /// The seed of everything that is drawn; a failing run is repeated by setting `TORTURE_SEED`.
    static let seed: UInt64 =
        ProcessInfo.processInfo.environment["TORTURE_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999)

    /// Whether small disks can be made here.
    static let canMount: Bool = {
        guard geteuid() == 0, let folder = try? TemporaryFolder("mount") else { return false }
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        return umount(folder.path) == 0
    }()

    static let limit = TimeLimitTrait.Duration.minutes(isLong ? 600 : 10)

    /// Tells a figure: the long harnesses are run for them.
    static func tell(_ line: String) {
        FileHandle.standardError.write(Data("figure: \(line)\n".utf8))
    }

    /// Works through numbers from 1, several at a time, each worker with a day of its own.
    ///
    /// `body` returns whether there is more to come; after three times that there is not, no further number is begun.
    static func sweep(
        _ days: [EventfulDay],
        _ body: @Sendable @escaping (EventfulDay, Int) async throws -> Bool
    )
        async throws
    {
        let course = Course()
        try await withThrowingTaskGroup { group in
            for day in days {
                group.addTask {
                    while true {
                        guard let number = course.next() else { return }
                        if try await !body(day, number) { course.miss() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private final class Course: Sendable {
        private let state = Mutex((next: 1, misses: 0))

        func next() -> Int? {
            state.withLock { state in
                defer { state.next += 1 }
                return state.misses < 3 ? state.next : nil
            }
        }

        func miss() { state.withLock { $0.misses += 1 } }
    }

    /// What several workers count together.
    final class Tally: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func add(_ name: String, _ count: Int = 1) { counts.withLock { $0[name, default: 0] += count } }

        subscript(name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
    }

    /// As many days as there are workers.
    static func days(_ count: Int? = nil, server: OpenSSHServer.Options = OpenSSHServer.Options())
        async throws
        -> [EventfulDay]
    {
        let workers = count ?? number("TORTURE_WORKERS", long: 2, short: 1)
        return try await withThrowingTaskGroup { group in
            for _ in 0..<workers { group.addTask { try await EventfulDay.prepare(server: server) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
