import Glibc
import TestSupport
import Testing

/// A server that lies in one of its answers: nothing wrong is loaded, the run ends with a reason, and the next is whole.
///
/// The long form tells every lie in the first and the second answer to every request, the short one every other lie once.
@Suite(.timeLimit(Torture.limit))
struct LyingServerTests {
    struct Telling: CustomTestStringConvertible, Sendable {
        var lie: MeddledSFTPServer.Lie
        var request: MeddledSFTPServer.Request
        var nth = 1

        var testDescription: String { "\(lie) to \(request) \(nth)" }
    }

    private static let customers = DroppedFile.customers("C1,Acme,1.00,USD", "C2,Bad,x,USD")

    /// Lies about an answer, whatever was asked.
    private static let common: [MeddledSFTPServer.Lie] = [
        .cut, .half, .wrongID, .twice, .otherType, .hugeLength, .zeroLength, .longString, .short, .garbage,
        .failure,
        .denied, .endOfFile, .success, .noise, .drip,
    ]

    private static let tellings: [Telling] = {
        let names: [MeddledSFTPServer.Lie] = [.evilNames, .manyNames, .noNames, .noAttributes, .longer]
        let special =
            names.map { Telling(lie: $0, request: .readFolder) } + [
                Telling(lie: .longer, request: .lookAtHandle),
                Telling(lie: .noAttributes, request: .lookAtHandle),
                Telling(lie: .longer, request: .lookAt),
            ]
        guard Torture.isLong else {
            let requests = MeddledSFTPServer.Request.allCases
            let some = common.enumerated().filter { $0.offset.isMultiple(of: 2) }
            return special
                + some.map { Telling(lie: $0.element, request: requests[$0.offset % requests.count]) }
        }
        return special
            + MeddledSFTPServer.Request.allCases.flatMap { request in
                common.flatMap { lie in [1, 2].map { Telling(lie: lie, request: request, nth: $0) } }
            }
    }()

    @Test(arguments: tellings) func `a lie is never believed, and the next run is whole`(_ telling: Telling)
        async throws
    {
        let meddled = try await MeddledSFTPServer.start()
        let drop = try await EndToEndDrop.start(
            DropSettings(inbox: ["timeouts: { connect: 20s, step: 5s }"]),
            on: meddled.server
        )
        try drop.place(Self.customers, .sheet("subsidiaries", "subsidiary_id,name", ["S1,One"]))
        try meddled.tell(telling.lie, to: telling.request, nth: telling.nth, sessions: 1)
        let result = try await drop.run("poll")
        #expect([0, 65, 69, 75, 76].contains(result.status), "\(result.errors)")
        #expect(!(result.errors + result.output).contains("\u{1B}"))
        try drop.expect("SELECT run_id FROM runs WHERE state = 'failed' AND reason IS NULL", gives: [])
        try drop.expect(
            "SELECT name FROM files WHERE state IN ('waiting', 'failed') AND reason IS NULL",
            gives: []
        )

        try meddled.tell(nil)
        // Nothing is silent any more, and a busy machine is no liar.
        try drop.configure(DropSettings())
        let calm = try await drop.run("poll")
        #expect([0, 65].contains(calm.status), "\(calm.errors)")
        try drop.expect("SELECT customer_id, balance FROM customers_with_open_balances", gives: ["C1|1.00"])
        try drop.expect("SELECT subsidiary_id FROM subsidiaries", gives: ["S1"])
        try drop.expect(
            "SELECT type, state FROM files WHERE state <> 'ignored' ORDER BY 1",
            gives: ["customers_with_open_balances|loaded_with_errors", "subsidiaries|loaded"]
        )
        try drop.expectInvariants()
    }

    @Test func `hostile names are told one by one, and everything else loads`() async throws {
        let meddled = try await MeddledSFTPServer.start()
        let drop = try await EndToEndDrop.start(on: meddled.server)
        try drop.place(.sheet("subsidiaries", "subsidiary_id,name", ["S1,One"]))
        let before = try drop.folder.names(in: "")
        // The root's names are not the customer's; those of the folders behind it are.
        try meddled.tell(.evilNames, to: .readFolder, nth: 0)
        let result = try await drop.run("poll")
        #expect([0, 65, 75].contains(result.status), "\(result.errors)")
        try drop.expect("SELECT subsidiary_id FROM subsidiaries", gives: ["S1"])
        let hostile = try drop.query(
            "SELECT DISTINCT name FROM files WHERE reason = 'hostile_name' ORDER BY 1"
        )
        #expect(hostile.contains("../evil.csv") && hostile.contains("/etc/cron.d/x.csv"))
        #expect(hostile.contains("a/../../x") && hostile.contains { $0.hasPrefix("nul\\") })
        // Nothing that they name came to be, here or elsewhere.
        let made = Set(try drop.folder.names(in: "")).subtracting(before)
        #expect(made == ["state"])
        #expect(access("/etc/cron.d/x.csv", F_OK) != 0)
        let log = try drop.folder.text("state/status.log")
        #expect(!log.contains("\u{1B}") && !log.contains("\u{202E}") && !log.contains("\r"))
        for line in try drop.statusLog() { #expect(line.seq > 0) }
        for mail in try drop.mails() {
            #expect(
                !mail.raw.contains("\u{1B}") && !mail.body.contains("\u{202E}")
                    && !mail.body.contains("\u{1B}")
            )
        }
        try meddled.tell(nil)
        try await drop.poll()
        try drop.expectInvariants()
    }

    @Test func `an endless listing ends the run in bounded memory`() async throws {
        let meddled = try await MeddledSFTPServer.start()
        let drop = try await EndToEndDrop.start(on: meddled.server)
        try drop.place(Self.customers)
        try meddled.tell(.endlessNames, to: .readFolder, nth: 0)
        let (status, peak) = try await statusAndPeak(of: drop)
        #expect(status == 76)
        #expect(peak > 0 && peak < 400 << 10, "\(peak) KiB")
        try drop.expect("SELECT state, reason FROM runs", gives: ["failed|too_many_entries"])
        #expect(try drop.mailKinds() == ["incident"])
        try meddled.tell(nil)
        try await drop.poll(65)
        try drop.expectInvariants()
    }

    @Test func `a greeting without end ends the run in bounded memory`() async throws {
        let greeting = try await EndlessGreeting.start()
        let settings = DropSettings(inbox: ["timeouts: { connect: 3s, step: 3s }"], port: greeting.port)
        let drop = try await EndToEndDrop.start(settings)
        try drop.place(Self.customers)
        let (status, peak) = try await statusAndPeak(of: drop)
        #expect([69, 76].contains(status))
        #expect(peak > 0 && peak < 200 << 10, "\(peak) KiB")
        #expect(!drop.server.log.contains("Connection from"))
        try drop.configure(DropSettings())
        try await drop.poll(65)
        try drop.expectInvariants()
    }

    /// How a run ends, and the most memory that it has had, in KiB.
    private func statusAndPeak(of drop: EndToEndDrop) async throws -> (status: Int, peak: Int) {
        let run = try drop.launch("poll")
        var peak = 0
        let status = try await TestSupport.poll("the end of the run") {
            peak = max(peak, peakMemory(of: run.processID) ?? 0)
            return run.exitStatus
        }
        return (status, peak)
    }
}

/// The most memory that a process has had, in KiB; `nil` once it has gone.
private func peakMemory(of process: pid_t) -> Int? {
    guard let bytes = try? TemporaryFolder.read("/proc/\(process)/status") else { return nil }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
}
