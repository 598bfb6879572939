import Foundation
import TestSupport
import Testing

/// Calls that the system refuses: once, or from then on.
@Suite(.timeLimit(Torture.limit))
struct DiskFaultTests {
    private struct Case: Sendable {
        var kind: Faults.Kind
        var code: CInt
        var name: String
    }

    /// `TORTURE_CODES` names those that are swept; all are, unless it is set.
    private static let codes = ProcessInfo.processInfo.environment["TORTURE_CODES"]

    private static let cases = [
        Case(kind: .read, code: EIO, name: "EIO"), Case(kind: .write, code: EIO, name: "EIO"),
        Case(kind: .write, code: ENOSPC, name: "ENOSPC"), Case(kind: .sync, code: EIO, name: "EIO"),
        Case(kind: .open, code: EMFILE, name: "EMFILE"), Case(kind: .create, code: EROFS, name: "EROFS"),
        Case(kind: .create, code: ENOSPC, name: "ENOSPC"), Case(kind: .rename, code: EIO, name: "EIO"),
        Case(kind: .unlink, code: EROFS, name: "EROFS"), Case(kind: .truncate, code: EIO, name: "EIO"),
        Case(kind: .mkdir, code: ENOSPC, name: "ENOSPC"), Case(kind: .write, code: EDQUOT, name: "EDQUOT"),
        Case(kind: .create, code: EDQUOT, name: "EDQUOT"), Case(kind: .mkdir, code: EDQUOT, name: "EDQUOT"),
    ]

    private static func wants(_ code: String) -> Bool {
        codes?.split(separator: ",").contains { $0 == code } ?? true
    }

    /// Lives the day with one fault; returns how the run ended and whether the fault was met.
    private static func live(_ day: EventfulDay, _ faults: Faults) async throws -> (status: Int, strikes: Int)
    {
        try await day.rewind()
        let counters = day.drop.folder.path("counters")
        unlink(counters)
        let environment = try faults.environment(for: day.drop, counters: counters)
        let run = try day.drop.launch("poll", environment: environment)
        let status = try await run.wait()
        // A program that could not begin has not made its counters.
        return (status, (try? Faults.Count(counters).strikes) ?? 0)
    }

    private static func expect(_ day: EventfulDay, _ fault: Case, at number: Int, forever: Bool) async throws
        -> Bool
    {
        let faults = Faults(kinds: [fault.kind], at: number, deed: .fail(fault.code, forever: forever))
        let what = "\(fault.kind) \(number) \(fault.name)\(forever ? " for good" : "")"
        let (status, strikes) = try await live(day, faults)
        guard strikes > 0 else { return false }
        // Whatever it met: no crash, and a fault that ends the run is said.
        #expect([0, 65, 69, 70, 73, 74, 75, 78].contains(status), "\(what): \(status)")
        #expect(status != 70, "\(what): \(day.drop.lastComplaint())")
        #expect(status <= 65 || !day.drop.lastComplaint().isEmpty, "\(what): \(status) without a word")
        try await day.expectCalmEnd(what, sameMails: false)
        return true
    }

    @Test func `a call that fails once or for good loses nothing, and the next run mends all`() async throws {
        let days = try await Torture.days()
        guard Torture.isLong else {
            var random = SplitMix64(seed: Torture.seed)
            var met = 0
            for fault in Self.cases.shuffled(using: &random).prefix(4) {
                let number = Int.random(in: 1...12, using: &random)
                let isForever = Bool.random(using: &random)
                met += try await Self.expect(days[0], fault, at: number, forever: isForever) ? 1 : 0
            }
            #expect(met > 0)
            return
        }
        for fault in Self.cases where Torture.wants(fault.kind.rawValue) && Self.wants(fault.name) {
            for forever in [false, true] {
                let tally = Torture.Tally()
                let stride = Torture.number("TORTURE_STRIDE", long: 1, short: 1)
                try await Torture.sweep(days) { day, number in
                    let at = (number - 1) * stride + 1
                    let isMet = try await Self.expect(day, fault, at: at, forever: forever)
                    if isMet { tally.add("faults") }
                    return isMet
                }
                let name = "\(fault.kind) \(fault.name)\(forever ? " for good" : "")"
                Torture.tell("\(name): \(tally["faults"]) faults, each mended by the next run")
            }
        }
    }
}
